import { clockOf } from './clock';
import { holds } from './evaluate';
import type { Asked } from './facts';
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
  /** The same by rule, once it was asked; whoever keeps it for the next moment has the same list counted once. */
  history?: History;
}

/** Why a rule does not act, in the words of the explain API. */
export type Stop = 'conditions' | 'limit' | 'pause' | 'open_dialog';

/** The rule that acts now. It is spent when it was shown, not by being chosen. */
export function choose(situation: Situation): Rule | undefined {
  const { set, start } = situation;
  for (const rule of set.rules) {
    if (start && rule.start !== start) continue;
    // The dearest question comes last.
    if (isKept(rule, situation) || isPaused(rule, situation) || isSpent(rule, situation)) continue;
    if (holds(rule, situation)) return rule;
  }
  return;
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

const isKept = (rule: Rule, situation: Situation) => !!situation.openDialog && !rule.over;

function isPaused(rule: Rule, situation: Situation): boolean {
  const { pause } = rule;
  const { now } = situation;
  if (!pause) return false;
  const since = now - pause * 1000;
  const { times, newest } = historyOf(situation);
  if (newest <= since) return false;
  for (const [other, last] of times) {
    // A showing after now is of a clock that was put back: rules must not wait until it has caught up.
    if (other !== rule.id && last.some((at) => at > since && at <= now)) return true;
  }
  return false;
}

function isSpent(rule: Rule, situation: Situation): boolean {
  const { limit } = rule;
  const times = limit && historyOf(situation).times.get(rule.id);
  if (!times) return false;
  const { set, now, visitSince = Infinity } = situation;
  const [per, allowed] = limit;
  const counted = times.filter((at) => {
    if (per === 'd') return clockOf(set, at).day === clockOf(set, now).day;
    return per === 'e' || at >= visitSince;
  });
  return counted.length >= allowed;
}

/** When each rule was shown, and when any was last; found once for all rules of a moment. */
export interface History {
  /** Of what it was counted. */
  of?: Shown[];
  times?: Map<string, number[]>;
  newest?: number;
}

function historyOf(situation: Situation): Required<History> {
  const history = (situation.history ??= {});
  const { shown } = situation;
  if (history.of !== shown) {
    const times = new Map<string, number[]>();
    for (const [id, at] of shown) times.set(id, [...(times.get(id) ?? []), at]);
    Object.assign(history, { of: shown, times, newest: Math.max(...shown.map(([, at]) => at)) });
  }
  return history as Required<History>;
}
