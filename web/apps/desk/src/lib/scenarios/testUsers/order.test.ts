import { expect, it } from 'vitest';
import { inOrder } from './order';

const rows = (...ids: string[]) =>
  ids.map((id) => ({ contact_id: id.toLowerCase(), is_test: id !== id.toLowerCase() }));

it('keeps rows where they are, and puts whoever is new first', () => {
  expect(inOrder(rows('a', 'b', 'c'), rows('c', 'x', 'a', 'y', 'b'))).toEqual(rows('x', 'y', 'a', 'b', 'c'));
});

it('moves none that are chosen', () => {
  expect(inOrder(rows('A', 'b', 'c'), rows('x', 'A', 'c', 'b'))).toEqual(rows('A', 'x', 'b', 'c'));
  expect(inOrder(rows('a', 'b', 'c'), rows('x', 'a', 'B', 'c'))).toEqual(rows('a', 'B', 'x', 'c'));
});

it('takes the order of the server at first', () => {
  expect(inOrder([], rows('b', 'A'))).toEqual(rows('b', 'A'));
});

it('lets go of who has left', () => expect(inOrder(rows('a', 'b'), rows('b'))).toEqual(rows('b')));
