import type { RuleSet } from './rules';

/** Days as bits, Monday first, and minutes of the day. */
export type Span = [days: number, from: number, to: number];

/** A moment on the project's clock: the day of the epoch and the minute of the day. */
export interface Clock {
  day: number;
  minute: number;
}

/** What the project's clock shows. */
export function clockOf({ zone }: RuleSet, now: number): Clock {
  const seconds = Math.floor(now / 1000);
  let offset = zone[0]?.[1] ?? 0;
  for (const [since, ahead] of zone) if (since <= seconds) offset = ahead;
  const minutes = Math.floor((seconds + offset) / 60);
  const day = Math.floor(minutes / 1440);
  return { day, minute: minutes - day * 1440 };
}

/** Whether a moment is in a span. One past midnight belongs to the day it began. */
export function isWithin({ day, minute }: Clock, [days, from, to]: Span): boolean {
  if (from < to) return isOn(days, day) && minute >= from && minute < to;
  return (isOn(days, day) && minute >= from) || (isOn(days, day - 1) && minute < to);
}

/** The first day of the epoch was a Thursday. */
function isOn(days: number, day: number): boolean {
  return ((days >> ((((day + 3) % 7) + 7) % 7)) & 1) === 1;
}
