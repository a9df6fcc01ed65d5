import type { Contact, Field } from '@otklik/api';
import { expect, it } from 'vitest';
import { missingRequired } from './required';

const field = (key: string, values: Partial<Field> = {}) =>
  ({ key, title: key, kind: 'text', required: true, read_only: false, hidden: false, ...values }) as Field;
const contact = (fields: Record<string, string>) =>
  ({
    fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, [{ value }]])),
  }) as unknown as Contact;
const keys = (fields: Field[], contacts: Contact[]) =>
  missingRequired(fields, contacts).map(({ key }) => key);

it('asks for what is required and empty', () => {
  const fields = [field('city'), field('floor', { required: false }), field('plan')];
  expect(keys(fields, [contact({ plan: 'Рост' })])).toEqual(['city']);
});

it('asks for nothing that another channel of the client holds', () => {
  expect(keys([field('city')], [contact({}), contact({ city: 'Пермь' })])).toEqual([]);
});

it('does not ask an operator for what they may not edit or do not see', () => {
  expect(keys([field('score', { read_only: true }), field('old', { hidden: true })], [contact({})])).toEqual(
    [],
  );
});
