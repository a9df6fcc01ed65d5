import { expect, it } from 'vitest';
import en from '../../../messages/en.json';
import ru from '../../../messages/ru.json';
import { m } from '$lib/paraglide/messages';
import { overwriteGetLocale } from '$lib/paraglide/runtime';

it('has the same messages in both languages', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(ru).sort());
});

// A plugin that cannot be loaded makes the compiler report success with no messages at all.
it('compiles every message', () => {
  const keys = Object.keys(ru).filter((key) => key !== '$schema');
  expect(keys.length).toBeGreaterThan(100);
  expect(Object.keys(m).length).toBe(keys.length);
});

it('speaks Russian plurals', () => {
  overwriteGetLocale(() => 'ru');
  const say = (count: number) => m.clients_count({ count, shown: String(count) });
  expect([0, 1, 2, 5, 21].map(say)).toEqual([
    '0 клиентов',
    '1 клиент',
    '2 клиента',
    '5 клиентов',
    '21 клиент',
  ]);
  expect(say(1.5)).toBe('1.5 клиента');
});
