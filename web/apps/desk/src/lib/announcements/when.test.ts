import { afterEach, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { localMoment, momentOf, windowText } from './when';

const NOW = Date.parse('2026-12-10T00:00:00Z');
// 16 December, 00:01 to 03:00 in Moscow.
const [from, to] = ['2026-12-15T21:01:00Z', '2026-12-16T00:00:00Z'];

afterEach(() => overwriteGetLocale(() => 'ru'));

it('shows a window in the zone of its reader, and names the zone', () => {
  overwriteGetLocale(() => 'ru');
  expect(windowText(from, to, NOW, 'Europe/Moscow')).toBe('16 декабря, 00:01–03:00 GMT+3');
  expect(windowText(from, to, NOW, 'Asia/Yekaterinburg')).toBe('16 декабря, 02:01–05:00 GMT+5');
  overwriteGetLocale(() => 'en');
  expect(windowText(from, to, NOW, 'America/New_York')).toBe('15 December, 16:01–19:00 GMT-5');
  const overMidnight = windowText(from, to, NOW, 'Europe/London');
  expect(overMidnight).toContain('15 December');
  expect(overMidnight).toContain('16 December');
});

it('says the year when it is another, and only the beginning when nobody knows the end', () => {
  overwriteGetLocale(() => 'en');
  expect(windowText('2021-12-15T21:01:00Z', null, NOW, 'Europe/Moscow')).toContain('2021');
  expect(windowText(from, null, NOW, 'Europe/Moscow')).toBe('16 December at 00:01 GMT+3');
});

it('keeps a typed moment', () => {
  expect(momentOf('')).toBeNull();
  expect(localMoment(null)).toBe('');
  const iso = new Date(2026, 11, 16, 0, 1).toISOString();
  expect(localMoment(iso)).toBe('2026-12-16T00:01');
  expect(momentOf('2026-12-16T00:01')).toBe(iso);
});
