import type { Contact, Field } from '@otklik/api';
import { expect, it } from 'vitest';
import { unusableText, valuesOf } from './values';

const field = (key: string, kind = 'text') => ({ key, kind, title: key }) as Field;
const contact = (id: string, fields: Record<string, string[]>, name: string | null = null) =>
  ({
    id,
    name,
    fields: Object.fromEntries(
      Object.entries(fields).map(([key, values]) => [
        key,
        values.map((value) => ({ value, source: 'operator', verified: true })),
      ]),
    ),
  }) as unknown as Contact;
const told = (contacts: Contact[], wanted: Field) =>
  valuesOf(contacts, 'own', wanted).map(({ text, holders }) => [text, holders.map(({ id }) => id).join()]);

it('shows what every member holds, the open contact first', () => {
  const contacts = [contact('other', { city: ['Москва'] }), contact('own', { city: ['Пермь'] })];
  expect(told(contacts, field('city'))).toEqual([
    ['Пермь', 'own'],
    ['Москва', 'other'],
  ]);
});

it('shows a value that several hold once, with all of them', () => {
  const contacts = [contact('other', { city: [' пермь'] }), contact('own', { city: ['Пермь'] })];
  expect(told(contacts, field('city'))).toEqual([['Пермь', 'own,other']]);
});

it('takes two spellings of a phone for one number, and leaves short ones alone', () => {
  const phones = [
    contact('own', { phone: ['8 912 555-01-42', '42'] }),
    contact('other', { phone: ['+79125550142'] }),
  ];
  expect(told(phones, field('phone', 'phone'))).toEqual([
    ['8 912 555-01-42', 'own,other'],
    ['42', 'own'],
  ]);
});

it('says of a value that it is compared with nothing, why, and what is compared on', () => {
  const phone = { value: '12', source: 'operator', verified: false, unusable: 'invalid' };
  const own = {
    id: 'own',
    fields: { phone: [{ ...phone, still_compared: ['+79125550142'] }] },
  } as unknown as Contact;
  const [shown] = valuesOf([own], 'own', field('phone', 'phone'));
  expect(shown).toMatchObject({ unusable: 'invalid', stillCompared: ['+79125550142'], verified: false });
  expect(unusableText('invalid', 'phone')).not.toBe(unusableText('invalid', 'email'));
  expect(unusableText('placeholder', 'phone')).toBe(unusableText('placeholder', 'text'));
});

it('falls back to the name that a channel shows, only for the name, and only when none was entered', () => {
  const contacts = [contact('own', {}, 'Нина'), contact('other', {}, 'нина')];
  expect(told(contacts, field('name'))).toEqual([['Нина', 'own,other']]);
  expect(told(contacts, field('city'))).toEqual([]);
  const named = [...contacts, contact('third', { name: ['Нина Петрова'] })];
  expect(told(named, field('name'))).toEqual([['Нина Петрова', 'third']]);
});
