import { describe, expect, it } from 'vitest';
import { addressesIn, isAddress } from './addresses';

describe('an address', () => {
  it.each(['anna@client.example', ' Анна@пример.рф ', '+7 (912) 555-01-42', '89125550142', '@olga.versh'])(
    '%s is one',
    (text) => expect(isAddress(text)).toBe(true),
  );

  it.each(['', 'Анна', 'anna@', '@', '12345', 'заказ 71 048', 'a@b.c, d@e.f', '1234567890123456'])(
    '%s is none',
    (text) => expect(isAddress(text)).toBe(false),
  );
});

describe('a list', () => {
  it('is parted by lines, commas and semicolons, and tells each address once', () => {
    expect(addressesIn('a@b.ru\nc@d.ru; @olga, a@b.ru\r\n')).toEqual(['a@b.ru', 'c@d.ru', '@olga']);
    expect(addressesIn('+7 912 555-01-42\n8 922 555-07-19')).toEqual(['+7 912 555-01-42', '8 922 555-07-19']);
  });

  it('is parted by spaces only where no phone is cut', () => {
    expect(addressesIn('a@b.ru c@d.ru')).toEqual(['a@b.ru', 'c@d.ru']);
    expect(addressesIn('+7 912 555 01 42')).toEqual(['+7 912 555 01 42']);
  });

  it('leaves out what is no address', () => {
    expect(addressesIn('Анна, a@b.ru, заказ 12')).toEqual(['a@b.ru']);
  });
});
