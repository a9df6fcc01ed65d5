import { expect, it } from 'vitest';
import { localOf, momentOf, scaleOf } from './schedule';

const YEKATERINBURG = 'Asia/Yekaterinburg';

it('knows the moment of a clock, and the clock of a moment', () => {
  const moment = momentOf('2026-12-03T10:00', YEKATERINBURG);
  expect(new Date(moment).toISOString()).toBe('2026-12-03T05:00:00.000Z');
  expect(localOf(moment, 'Europe/Moscow')).toBe('2026-12-03T08:00');
});

const zone = (name: string, starts_at: string, waits_seconds: number) => ({
  zone: name,
  people: 1,
  starts_at,
  waits_seconds,
});

it('shows the start, the quiet hours and who waits for their end', () => {
  const scale = scaleOf(
    [
      zone('Asia/Vladivostok', '2026-12-03T05:00:00Z', 0),
      zone('Europe/Moscow', '2026-12-03T06:00:00Z', 3_600),
    ],
    { at: '2026-12-03T10:00', zone: 'project', quiet: { from: '21:00', to: '09:00' } },
    '2026-12-03T04:41:00Z',
    YEKATERINBURG,
  );
  // Sixteen hours from 06:00, so 10:00 stands at a quarter.
  expect(scale.start).toBe(0.25);
  expect(scale.ticks.find(({ isStart }) => isStart)?.label).toBe('10:00');
  expect(scale.rows.map(({ local }) => local)).toEqual(['15:00', '09:00']);
  // 21:00 in Vladivostok is 16:00 in Yekaterinburg; 09:00 in Moscow is 11:00.
  expect(scale.rows[0]?.quiet).toEqual([{ from: 10 / 16, to: 1 }]);
  expect(scale.rows[1]).toMatchObject({ dot: 5 / 16, wish: 0.25, quiet: [{ from: 0, to: 5 / 16 }] });
});

it('has no common start where each begins by a clock of his own', () => {
  const scale = scaleOf(
    [
      zone('Asia/Vladivostok', '2026-12-03T00:00:00Z', 0),
      zone('Europe/Kaliningrad', '2026-12-03T08:00:00Z', 0),
    ],
    { at: '2026-12-03T10:00', zone: 'client', quiet: null },
    '2026-12-02T04:41:00Z',
    YEKATERINBURG,
  );
  expect(scale.start).toBeNull();
  expect(scale.rows.map(({ dot }) => dot)).toEqual([4 / 16, 12 / 16]);
  expect(scale.rows.every(({ quiet }) => quiet.length === 0)).toBe(true);
});
