import type { RuleSet } from './rules';

const DAY = 86_400;

/** Seconds on the project's clock, as if it stood in UTC. */
export function local({ zone }: RuleSet, now: number): number {
  const seconds = Math.floor(now / 1000);
  let offset = zone[0]?.[1] ?? 0;
  for (const [since, ahead] of zone) if (since <= seconds) offset = ahead;
  return seconds + offset;
}

/** The day on the project's clock. */
export const dayOf = (set: RuleSet, now: number): number => Math.floor(local(set, now) / DAY);

/** Whether a moment is in a span: days as bits, Monday first, and minutes. One past midnight belongs to the day it began. */
export function within(set: RuleSet, now: number, [days, from, to]: [number, number, number]): boolean {
  const minute = Math.floor((local(set, now) - dayOf(set, now) * DAY) / 60);
  // The first day of the epoch was a Thursday.
  const isOn = (day: number) => (days >> ((((day + 3) % 7) + 7) % 7)) & 1;
  const today = dayOf(set, now);
  if (from < to) return !!isOn(today) && minute >= from && minute < to;
  return (!!isOn(today) && minute >= from) || (!!isOn(today - 1) && minute < to);
}
