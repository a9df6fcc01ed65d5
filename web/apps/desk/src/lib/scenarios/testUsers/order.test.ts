import { expect, it } from 'vitest';
import { inOrder } from './order';

const rows = (...ids: string[]) => ids.map((contact_id) => ({ contact_id }));

it('keeps rows where they are, and puts whoever is new first', () => {
  expect(inOrder(rows('a', 'b', 'c'), rows('c', 'x', 'a', 'y', 'b'))).toEqual(rows('x', 'y', 'a', 'b', 'c'));
});

it('takes the order of the server at first', () => {
  expect(inOrder([], rows('b', 'a'))).toEqual(rows('b', 'a'));
});

it('lets go of who has left', () => expect(inOrder(rows('a', 'b'), rows('b'))).toEqual(rows('b')));
