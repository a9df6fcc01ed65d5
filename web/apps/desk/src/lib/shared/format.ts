import { dayOf } from '@otklik/chat';
import { m } from '$lib/paraglide/messages';
import { getLocale } from '$lib/paraglide/runtime';

const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();
function format(options: Intl.DateTimeFormatOptions, date: Date): string {
  const key = getLocale() + JSON.stringify(options);
  let formatter = formats.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(getLocale() === 'ru' ? 'ru-RU' : 'en-GB', options);
    formats.set(key, formatter);
  }
  return formatter.format(date);
}

export const clockTime = (iso: string) => format({ hour: '2-digit', minute: '2-digit' }, new Date(iso));
export const shortDate = (iso: string) =>
  format({ day: 'numeric', month: 'short' }, new Date(iso)).replace(/\.$/, '');
export const fullTime = (iso: string) =>
  format(
    { dateStyle: 'long', timeStyle: 'short' },
    new Date(iso),
  ); /** As `fullTime`, where there is little room. */
export const momentText = (iso: string) => format({ dateStyle: 'medium', timeStyle: 'short' }, new Date(iso));

/** As `momentText`, without what is the same now: the day of today, the year of this one. */
export function shortMoment(iso: string, now: number): string {
  const today = new Date(now).toISOString();
  if (dayOf(iso) === dayOf(today)) return clockTime(iso);
  if (dayOf(iso).slice(0, 4) === dayOf(today).slice(0, 4)) return `${shortDate(iso)}, ${clockTime(iso)}`;
  return momentText(iso);
}

/** A day that belongs to no time zone, as a birthday: `2026-11-22`. */
export const dayText = (day: string) => format({ dateStyle: 'long' }, new Date(`${day}T00:00`));

/** For lists: the time today, then "yesterday", a weekday, a date. */
export function rowTime(iso: string, now: number): string {
  const then = new Date(iso);
  if (now - then.getTime() < 60_000) return m.now();
  if (dayOf(iso) === dayOf(new Date(now).toISOString())) return clockTime(iso);
  if (dayOf(iso) === dayOf(new Date(now - DAY_MS).toISOString())) return m.yesterday().toLocaleLowerCase();
  if (now - then.getTime() < 6 * DAY_MS) return format({ weekday: 'short' }, then);
  return shortDate(iso);
}

export function dayLabel(iso: string, now: number): string {
  const date = new Date(iso);
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  const written = format({ day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }, date);
  if (dayOf(iso) === dayOf(new Date(now).toISOString())) return `${m.today()}, ${written}`;
  if (dayOf(iso) === dayOf(new Date(now - DAY_MS).toISOString())) return `${m.yesterday()}, ${written}`;
  return written;
}

export function duration(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return m.minutes_short({ n: minutes });
  if (minutes < 60 * 24) return m.hours_short({ n: Math.floor(minutes / 60) });
  return m.days_short({ n: Math.floor(minutes / 60 / 24) });
}

/** A span of time in its largest unit. */
export function secondsText(seconds: number): string {
  if (seconds < 60) return m.stat_seconds({ n: seconds });
  if (seconds < 3600) return m.minutes_short({ n: tidy(seconds / 60) });
  if (seconds < 86_400) return m.hours_short({ n: tidy(seconds / 3600) });
  return m.days_short({ n: tidy(seconds / 86_400) });
}

const tidy = (value: number) =>
  new Intl.NumberFormat(getLocale() === 'ru' ? 'ru-RU' : 'en-GB', {
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);

export const count = (value: number) =>
  new Intl.NumberFormat(getLocale() === 'ru' ? 'ru-RU' : 'en-GB').format(value);

/** A share as a whole percent; what is more than none never reads as none. */
export function percent(share: number): string {
  const shown = new Intl.NumberFormat(getLocale() === 'ru' ? 'ru-RU' : 'en-GB', { style: 'percent' });
  return share > 0 && share < 0.005 ? `< ${shown.format(0.01)}` : shown.format(share);
}

export function fileSize(bytes: number): string {
  const units = getLocale() === 'ru' ? ['Б', 'КБ', 'МБ'] : ['B', 'KB', 'MB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < 2) {
    value /= 1000;
    unit += 1;
  }
  const shown = new Intl.NumberFormat(getLocale(), { maximumFractionDigits: unit === 0 ? 0 : 1 }).format(
    value,
  );
  return `${shown} ${units[unit]}`;
}
