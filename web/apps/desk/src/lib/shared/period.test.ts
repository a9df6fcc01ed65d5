import { expect, it } from 'vitest';
import { beginOf, lastDays } from './period';

it('a week has seven days, today among them, by UTC', () => {
  const now = Date.parse('2026-11-01T00:30:00+03:00');
  expect(lastDays('week', now)).toEqual({ from: '2026-10-25', to: '2026-10-31' });
});

it('days begin by the clock that is asked for', () => {
  const now = Date.parse('2026-11-01T00:30:00+03:00');
  expect(beginOf('week', 'UTC', now)).toBe('2026-10-25T00:00:00.000Z');
  // There it is the first of November already.
  expect(beginOf('week', 'Europe/Moscow', now)).toBe('2026-10-25T21:00:00.000Z');
  expect(beginOf('month', 'Asia/Vladivostok', now)).toBe('2026-10-02T14:00:00.000Z');
  expect(beginOf('all', 'UTC', now)).toBeUndefined();
});

it('a change of clocks between then and now does not move the day', () => {
  const now = Date.parse('2026-10-28T12:00:00+01:00');
  expect(beginOf('week', 'Europe/Berlin', now)).toBe('2026-10-21T22:00:00.000Z');
  // The day itself begins before its clocks are changed.
  expect(beginOf('week', 'Europe/Berlin', Date.parse('2026-10-31T12:00:00+01:00'))).toBe(
    '2026-10-24T22:00:00.000Z',
  );
});
