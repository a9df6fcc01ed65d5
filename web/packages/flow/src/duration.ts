/** Durations of ISO 8601 as people choose them: a number and a unit. */

export type Unit = 'S' | 'M' | 'H' | 'D';

export interface Duration {
  count: number;
  unit: Unit;
}

const SECONDS: Record<Unit, number> = { S: 1, M: 60, H: 3_600, D: 86_400 };
const FORM = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

export function secondsOf(text: string | undefined): number | null {
  const found = text && FORM.exec(text);
  if (!found || /^P(T|)$/.test(text)) return null;
  const [days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0));
  return ((days ?? 0) * 24 + (hours ?? 0)) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** In the largest unit that holds it whole. */
export function readDuration(text: string | undefined): Duration | null {
  const seconds = secondsOf(text);
  if (seconds === null) return null;
  const unit = (['D', 'H', 'M', 'S'] as const).find(
    (one) => seconds >= SECONDS[one] && seconds % SECONDS[one] === 0,
  );
  return { count: seconds / SECONDS[unit ?? 'S'], unit: unit ?? 'S' };
}

export const writeDuration = ({ count, unit }: Duration): string =>
  unit === 'D' ? `P${count}D` : `PT${count}${unit}`;
