import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Viewers } from './viewers.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const anna = { id: 'usr_a', name: 'Анна' };
const boris = { id: 'usr_b', name: 'Борис' };

test('a mark stays while it is told again, and is gone six seconds after the last', () => {
  const viewers = new Viewers();
  viewers.note('cnv_1', anna);
  vi.advanceTimersByTime(3_000);
  viewers.note('cnv_1', anna);
  viewers.note('cnv_1', boris);
  expect(viewers.of('cnv_1')).toEqual([anna, boris]);
  vi.advanceTimersByTime(5_900);
  expect(viewers.of('cnv_1')).toEqual([anna, boris]);
  vi.advanceTimersByTime(200);
  expect(viewers.of('cnv_1')).toEqual([]);
});

test('one who leaves does not take the other along', () => {
  const viewers = new Viewers();
  viewers.note('cnv_1', anna);
  vi.advanceTimersByTime(4_000);
  viewers.note('cnv_1', boris);
  vi.advanceTimersByTime(3_000);
  expect(viewers.of('cnv_1')).toEqual([boris]);
  expect(viewers.of('cnv_2')).toEqual([]);
});

test('a crowd is bounded, and a lost link clears all', () => {
  const viewers = new Viewers();
  for (let n = 0; n < 20; n += 1) viewers.note('cnv_1', { id: `usr_${n}`, name: `${n}` });
  expect(viewers.of('cnv_1')).toHaveLength(5);
  viewers.clear();
  expect(viewers.of('cnv_1')).toEqual([]);
});
