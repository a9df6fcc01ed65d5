/** Periods that are chosen by name; the server counts days by UTC. */
export const SPANS = { week: 7, month: 30 } as const;
export type Span = keyof typeof SPANS;
export type Period = Span | 'all' | 'own';

const DAY_MS = 86_400_000;
const dayOf = (moment: number) => new Date(moment).toISOString().slice(0, 10);

/** The days up to today, today among them. */
export const lastDays = (span: Span, now: number) => ({
  from: dayOf(now - (SPANS[span] - 1) * DAY_MS),
  to: dayOf(now),
});
