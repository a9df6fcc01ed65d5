import { getLocale } from '$lib/paraglide/runtime';

const language = () => (getLocale() === 'ru' ? 'ru-RU' : 'en-GB');

/** The reader's own zone, unless a test names another. */
const format = (options: Intl.DateTimeFormatOptions, timeZone?: string) =>
  new Intl.DateTimeFormat(language(), { ...options, timeZone });

function options(iso: string, now: number): Intl.DateTimeFormatOptions {
  const isOfThisYear = new Date(iso).getFullYear() === new Date(now).getFullYear();
  return {
    day: 'numeric',
    month: 'long',
    ...(isOfThisYear ? {} : { year: 'numeric' }),
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  };
}

/** A window in the reader's time zone, which is always named: who writes it may sit in another. */
export function windowText(from: string, to: string | null, now: number, timeZone?: string): string {
  const shown = format(options(from, now), timeZone);
  return to === null ? shown.format(new Date(from)) : shown.formatRange(new Date(from), new Date(to));
}

/** The name of the reader's time zone: `Europe/Moscow, GMT+3`. */
export function zoneText(now: number): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const parts = format({ timeZoneName: 'short' }).formatToParts(new Date(now));
  const short = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  return short && short !== zone ? `${zone}, ${short}` : zone;
}

const two = (n: number) => String(n).padStart(2, '0');

/** A moment as `datetime-local` takes it, in the reader's time zone; empty for none. */
export function localMoment(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** What was typed there as a moment; null for nothing. */
export const momentOf = (local: string): string | null => (local ? new Date(local).toISOString() : null);
