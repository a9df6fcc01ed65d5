import type { Contact, Field } from '@otklik/api';
import { expect, it } from 'vitest';
import { conflictsOf } from './conflicts';

const field = (key: string, exclusive: boolean) => ({ key, title: key, exclusive }) as Field;
const contact = (id: string, fields: Record<string, string[]>) =>
  ({
    id,
    fields: Object.fromEntries(
      Object.entries(fields).map(([key, values]) => [key, values.map((value) => ({ value }))]),
    ),
  }) as unknown as Contact;

it('finds different values of an exclusive field', () => {
  const found = conflictsOf(
    [contact('a', { customer_id: ['С-1'] }), contact('b', { customer_id: ['С-2'] })],
    [field('customer_id', true)],
  );
  expect(found.map(({ values }) => values.map(({ value }) => value))).toEqual([['С-1', 'С-2']]);
});

it('takes another spelling for the same value', () => {
  const contacts = [contact('a', { customer_id: ['С-1'] }), contact('b', { customer_id: [' с-1 '] })];
  expect(conflictsOf(contacts, [field('customer_id', true)])).toEqual([]);
});

it('leaves ordinary fields and empty values alone', () => {
  const contacts = [contact('a', { city: ['Пермь'], customer_id: [] }), contact('b', { city: ['Москва'] })];
  expect(conflictsOf(contacts, [field('city', false), field('customer_id', true)])).toEqual([]);
});

it('leaves values alone that are compared with nothing', () => {
  const unusable = { id: 'b', fields: { customer_id: [{ value: 'нет', unusable: 'placeholder' }] } };
  const contacts = [contact('a', { customer_id: ['С-1'] }), unusable as unknown as Contact];
  expect(conflictsOf(contacts, [field('customer_id', true)])).toEqual([]);
});
