/** A moment that people often put a conversation off until. */
export interface Choice {
  key: 'hour' | 'evening' | 'tomorrow' | 'monday';
  at: number;
}

const HOUR_MS = 3_600_000;
const EVENING = 18;
const MORNING = 9;
const MONDAY = 1;

/**
 * The moments on offer, by the reader's own clock; what has passed is none of them. Days are counted as days: one that is an hour shorter or
 * longer has its morning, too.
 */
export function choices(now: Date): Choice[] {
  const day = (days: number, hour: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour).getTime();
  const untilMonday = (MONDAY - now.getDay() + 7) % 7 || 7;
  const found: Choice[] = [
    { key: 'hour', at: now.getTime() + HOUR_MS },
    { key: 'evening', at: day(0, EVENING) },
    { key: 'tomorrow', at: day(1, MORNING) },
    { key: 'monday', at: day(untilMonday, MORNING) },
  ];
  return found.filter(
    ({ key, at }, index) =>
      at > now.getTime() && (key !== 'monday' || !found.slice(0, index).some((other) => other.at === at)),
  );
}

/** What a field for a moment says, as the reader's own clock has it; null for no moment. */
export function momentOf(text: string): number | null {
  const at = new Date(text).getTime();
  return text && Number.isFinite(at) ? at : null;
}

const two = (part: number) => String(part).padStart(2, '0');

/** As a field for a moment takes it. */
export const fieldText = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
