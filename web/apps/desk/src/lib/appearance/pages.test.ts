import { expect, it } from 'vitest';
import { addressOf, linesOf, linesProblem } from './pages';

it('takes a pattern a line, and no empty ones', () => {
  expect(linesOf('shop.ru/a*\n\n  */b \n')).toEqual(['shop.ru/a*', '*/b']);
});

it('refuses what the server would', () => {
  expect(linesProblem(['a'])).toBe('');
  expect(linesProblem(['a', 'b'.repeat(501)])).toContain('2');
  expect(linesProblem(Array.from({ length: 51 }, (_, place) => `/${place}`))).not.toBe('');
});

it('makes a whole address of what people write', () => {
  expect(addressOf('https://shop.ru/a', 'shop.ru')).toBe('https://shop.ru/a');
  expect(addressOf('shop.ru/a', 'x.ru')).toBe('https://shop.ru/a');
  expect(addressOf(' /a?b=1 ', 'shop.ru')).toBe('https://shop.ru/a?b=1');
  expect(addressOf('', 'shop.ru')).toBeNull();
  expect(addressOf('https://', 'shop.ru')).toBeNull();
});
