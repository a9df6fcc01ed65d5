import type { Contact } from '@otklik/api';
import { expect, it } from 'vitest';
import { groupChange } from './groupChange';

const contacts = (...ids: string[]) => ids.map((id) => ({ id }) as Contact);
const ids = (list: Contact[] | undefined) => list?.map(({ id }) => id);

it('tells who joined and who left', () => {
  const change = groupChange(contacts('own', 'old'), contacts('own', 'new'));
  expect(ids(change?.joined)).toEqual(['new']);
  expect(ids(change?.left)).toEqual(['old']);
});

it('says nothing when the same stand together in another order', () => {
  expect(groupChange(contacts('a', 'b'), contacts('b', 'a'))).toBeNull();
});
