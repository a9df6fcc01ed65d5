import { describe, expect, it } from 'vitest';
import { isForDevice, isWithinHours, MENU_PICTURES, pictureOf, type MenuHours } from '../src/menu';

/** 2026-11-27 is a Friday. */
const at = (local: string) => new Date(`2026-11-${local}:00+03:00`);
const inMoscow = (hours: MenuHours, local: string) => isWithinHours(hours, 'Europe/Moscow', at(local));

describe('hours of a menu button', () => {
  const work: MenuHours = { days: ['fri'], from: '09:00', to: '18:00' };
  const night: MenuHours = { days: ['fri'], from: '22:00', to: '06:00' };

  it('begin with the first minute and end before the last one', () => {
    const seen = ['08:59', '09:00', '17:59', '18:00'].map((time) => inMoscow(work, `27T${time}`));
    expect(seen).toEqual([false, true, true, false]);
  });

  it('are of their days', () => {
    expect(inMoscow(work, '28T12:00')).toBe(false);
  });

  it('belong over midnight to the day they began', () => {
    const seen = ['27T05:00', '27T22:00', '28T05:59', '28T06:00', '28T23:00'].map((time) =>
      inMoscow(night, time),
    );
    expect(seen).toEqual([false, true, true, false, false]);
  });

  it('go from Sunday to Monday', () => {
    expect(inMoscow({ ...night, days: ['sun'] }, '30T01:00')).toBe(true);
  });

  it('are the whole day where both ends are one', () => {
    const day: MenuHours = { days: ['fri'], from: '09:00', to: '09:00' };
    expect(['27T00:00', '27T23:59', '28T00:00'].map((time) => inMoscow(day, time))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('are read in the time zone of the project', () => {
    expect(isWithinHours(work, 'Asia/Vladivostok', at('27T12:00'))).toBe(false);
    expect(isWithinHours(work, 'Asia/Vladivostok', at('27T08:00'))).toBe(true);
  });
});

it('a button without devices is for all of them', () => {
  expect(isForDevice([], 'phone')).toBe(true);
  expect(isForDevice(['phone', 'tablet'], 'desktop')).toBe(false);
});

it('every kind and channel has a picture', () => {
  expect(pictureOf('scenario')).toBe('robot');
  expect(pictureOf('channel', 'viber')).toBe('viber');
  expect(pictureOf('channel', 'max')).toBe('link');
  for (const kind of ['chat', 'phone', 'link', 'callback', 'event'])
    expect(MENU_PICTURES[pictureOf(kind)]).toMatch(/^m/i);
});
