import { describe, expect, it } from 'vitest';
import { merge, putAt, same, valueAt } from './merge';

const before = { title: 'a', brand: '#111111', offset: { x: 20, y: 20 }, pages: ['/a'] };

describe('two edits of the same thing', () => {
  it('are put together where they are of different parts', () => {
    const mine = { ...before, title: 'b', offset: { x: 40, y: 20 } };
    const theirs = { ...before, brand: '#222222', offset: { x: 20, y: 60 } };
    expect(merge(before, mine, theirs)).toEqual({
      value: { title: 'b', brand: '#222222', offset: { x: 40, y: 60 }, pages: ['/a'] },
      clashes: [],
    });
  });

  it('keep mine where both are of one part, and say where', () => {
    const mine = { ...before, offset: { x: 40, y: 20 }, pages: ['/a', '/b'] };
    const theirs = { ...before, offset: { x: 60, y: 20 }, pages: [] };
    expect(merge(before, mine, theirs)).toEqual({ value: mine, clashes: ['offset.x', 'pages'] });
  });

  it('do not clash where they are the same', () => {
    const mine = { ...before, title: 'b' };
    expect(merge(before, mine, { ...mine })).toEqual({ value: mine, clashes: [] });
  });
});

it('finds and puts a value by its path', () => {
  const value = structuredClone(before);
  putAt(value, 'offset.x', 7);
  putAt(value, 'title', 'c');
  expect([valueAt(value, 'offset.x'), valueAt(value, 'title')]).toEqual([7, 'c']);
});

it('compares without regard to the order of members', () => {
  expect(same({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
  expect(same({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(same([1, 2], [2, 1])).toBe(false);
});
