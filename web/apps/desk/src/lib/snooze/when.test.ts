import { afterEach, describe, expect, it } from 'vitest';
import { choices, fieldText, momentOf } from './when';

const keys = (now: Date) => choices(now).map(({ key }) => key);
const at = (now: Date, key: string) => new Date(choices(now).find((one) => one.key === key)!.at);

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone;
});

describe('moments to put a conversation off until', () => {
  it('are an hour, this evening, tomorrow morning and the morning of Monday', () => {
    const wednesday = new Date(2026, 10, 25, 12, 10);
    expect(keys(wednesday)).toEqual(['hour', 'evening', 'tomorrow', 'monday']);
    expect(at(wednesday, 'hour')).toEqual(new Date(2026, 10, 25, 13, 10));
    expect(at(wednesday, 'evening')).toEqual(new Date(2026, 10, 25, 18));
    expect(at(wednesday, 'tomorrow')).toEqual(new Date(2026, 10, 26, 9));
    expect(at(wednesday, 'monday')).toEqual(new Date(2026, 10, 30, 9));
  });

  it('leave out what has passed, and what is offered already', () => {
    expect(keys(new Date(2026, 10, 25, 18, 0))).toEqual(['hour', 'tomorrow', 'monday']);
    // On Sunday tomorrow is Monday; on Monday Monday is that of next week.
    expect(keys(new Date(2026, 10, 29, 20))).toEqual(['hour', 'tomorrow']);
    expect(at(new Date(2026, 10, 30, 8), 'monday')).toEqual(new Date(2026, 11, 7, 9));
  });

  it('are mornings by the clock, also where summer time begins in the night', () => {
    process.env.TZ = 'Europe/Berlin';
    const eve = new Date(2026, 2, 28, 12);
    const morning = at(eve, 'tomorrow');
    expect(morning.getHours()).toBe(9);
    expect(morning.getTime() - eve.getTime()).toBe(20 * 3_600_000);
  });

  it('are read from a field and written into it by the same clock', () => {
    const moment = new Date(2026, 0, 5, 7, 3);
    expect(fieldText(moment)).toBe('2026-01-05T07:03');
    expect(momentOf(fieldText(moment))).toBe(moment.getTime());
    expect(momentOf('')).toBeNull();
    expect(momentOf('2026-13-01T00:00')).toBeNull();
  });
});
