import { expect, it } from 'vitest';
import { keyOf } from './fieldKey';

it('writes a Russian title in letters that a key may have', () => {
  expect(keyOf('Номер договора')).toBe('nomer_dogovora');
  expect(keyOf('Щит и меч (2)')).toBe('schit_i_mech_2');
});

it('begins with a letter and ends before an underscore', () => {
  expect(keyOf('2-й телефон!')).toBe('y_telefon');
  expect(keyOf('№ 7')).toBe('');
});
