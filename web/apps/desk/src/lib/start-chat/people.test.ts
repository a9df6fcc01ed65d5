import type { Contact } from '@otklik/api';
import { expect, it } from 'vitest';
import { peopleOf } from './people';

const contact = (id: string, group: string, name: string | null = null) =>
  ({ id, multi_contact_id: group, name, handle: id }) as Contact;

it('shows people rather than records, those of the address first', () => {
  const exact = [contact('mail', 'olga'), contact('bot', 'olga', 'Ольга')];
  const found = [contact('igor', 'igor', 'Игорь'), contact('mail', 'olga'), contact('site', 'olga')];
  const people = peopleOf(exact, found);
  expect(people.map(({ id, isExact }) => [id, isExact])).toEqual([
    ['olga', true],
    ['igor', false],
  ]);
  expect(people[0]?.face.name).toBe('Ольга');
  expect(people[0]?.contacts.map(({ id }) => id)).toEqual(['mail', 'bot', 'site']);
});

it('shows a few, not everybody', () => {
  const many = Array.from({ length: 30 }, (_, n) => contact(`c${n}`, `g${n}`));
  expect(peopleOf([], many)).toHaveLength(6);
});
