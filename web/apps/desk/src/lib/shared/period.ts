/** Periods that are chosen by name. */
export const SPANS = { week: 7, month: 30 } as const;
export type Span = keyof typeof SPANS;
/** A span, or all that is known. */
export type SpanOrAll = Span | 'all';
export type Period = SpanOrAll | 'own';

const DAY_MS = 86_400_000;
const dayOf = (moment: number) => new Date(moment).toISOString().slice(0, 10);

/** The days up to today by UTC, today among them. */
export const lastDays = (span: Span, now: number) => ({
  from: dayOf(now - (SPANS[span] - 1) * DAY_MS),
  to: dayOf(now),
});

/** The moment at which the first of so many days began on a clock, today among them; nothing where all is asked for. */
export function beginOf(span: SpanOrAll, timeZone: string, now: number): string | undefined {
  if (span === 'all') return;
  const today = now + aheadOf(timeZone, now);
  const day = today - (today % DAY_MS) - (SPANS[span] - 1) * DAY_MS;
  // Clocks may have changed since then.
  const near = day - aheadOf(timeZone, day);
  return new Date(day - aheadOf(timeZone, near)).toISOString();
}

/** How far a clock is ahead of UTC, in milliseconds. */
export function aheadOf(timeZone: string, moment: number): number {
  const shown = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(moment);
  const part = (name: string) => Number(shown.find(({ type }) => type === name)?.value);
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return wall - Math.floor(moment / 1000) * 1000;
}
