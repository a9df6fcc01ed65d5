import { dayOf } from './clock';
import { holds, type Asked } from './evaluate';
import type { Rule, Start } from './rules';

/** One auto-action that this visitor was shown, and when, in milliseconds of the epoch. */
export type Shown = [id: string, at: number];

/** The moment at which the page asks. */
export interface Situation extends Asked {
  /** What just came; without it every rule's start is taken as come. */
  start?: Start;
  openDialog?: boolean;
  /** When the visit began. */
  visitSince?: number;
  /** What the visitor was shown. */
  shown: Shown[];
}

/** Why a rule does not act, in the words of the explain API. */
export type Stop = 'conditions' | 'limit' | 'pause' | 'open_dialog';

/** The rule that acts now. It is spent when it was shown, not by being chosen. */
export function choose(situation: Situation): Rule | undefined {
  const { set, start } = situation;
  return set.rules.find(
    (rule) =>
      (!start || rule.start === start) &&
      !isKept(rule, situation) &&
      !isPaused(rule, situation) &&
      !isSpent(rule, situation) &&
      // The dearest question comes last.
      holds(rule, situation),
  );
}

/** Everything that keeps a rule from acting. */
export function stoppedBy(rule: Rule, situation: Situation): Stop[] {
  const stops: [Stop, boolean][] = [
    ['conditions', !holds(rule, situation)],
    ['limit', isSpent(rule, situation)],
    ['pause', isPaused(rule, situation)],
    ['open_dialog', isKept(rule, situation)],
  ];
  return stops.filter(([, stops]) => stops).map(([stop]) => stop);
}

const isKept = (rule: Rule, { openDialog }: Situation) => !!openDialog && !rule.over;

function isPaused({ id, pause = 0 }: Rule, { now, shown }: Situation): boolean {
  // A clock that was put back must not stop rules until it has caught up.
  return shown.some(([other, at]) => other !== id && now >= at && now - at < pause * 1000);
}

function isSpent({ id, limit }: Rule, { set, now, visitSince, shown }: Situation): boolean {
  if (!limit) return false;
  const [per, times] = limit;
  const counts = (at: number) =>
    per === 'e' ||
    (per === 'd' ? dayOf(set, at) === dayOf(set, now) : visitSince !== undefined && at >= visitSince);
  return shown.filter(([own, at]) => own === id && counts(at)).length >= times;
}
