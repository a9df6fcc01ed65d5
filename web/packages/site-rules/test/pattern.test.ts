import { expect, test } from 'vitest';
import { fits } from '../src';

test.each([
  ['https://shop.ru/cart/', 'shop.ru/cart', true],
  ['https://shop.ru/cart/pay?step=2', 'shop.ru/cart*', true],
  ['https://shop.ru/cart', '/cart', true],
  ['https://shop.ru/en/cart', '/cart', false],
  ['https://shop.ru/en/cart', '*/cart', true],
  ['http://shop.ru/a', 'https://shop.ru/*', false],
  ['https://SHOP.ru/Каталог', 'shop.ru/каталог', true],
  ['https://shop.ru/%D0%BA%D0%B0%D1%82', 'shop.ru/кат', true],
  ['https://shop.ru/a#part', 'shop.ru/a', true],
  ['https://shop.ru/a#part', 'shop.ru/a#other', false],
  ['https://shop.ru/', 'shop.ru', true],
  ['https://shop.ru/a.b', 'shop.ru/a?b', false],
])('%s fits %s: %s', (address, pattern, isOne) => {
  expect(fits(address, pattern)).toBe(isOne);
});
