/** Reading of what somebody else wrote: whatever is not of the kind that is asked for is as good as nothing. */

export type Loose = Record<string, unknown>;

export const isLoose = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const recordIn = (value: unknown): Loose => (isLoose(value) ? value : {});
export const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const recordsIn = (value: unknown): Loose[] => listIn(value).filter(isLoose);

/** A text; numbers count as such. Half signs and the sign of nothing go: no server stores them. */
export function textIn(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.replace(/[\uD800-\uDFFF]/gu, '\uFFFD').replaceAll('\0', '') : '';
}

/** A number, be it written as a text. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
