import { beforeEach, describe, expect, it } from 'vitest';
import { MOST, selection } from './selection.svelte';

const listed = Array.from({ length: 150 }, (_, index) => [`c${index}`]);
const picked = () => [...selection.ids];

describe('picked rows', () => {
  beforeEach(() => selection.clear());

  it('are picked and let go one by one', () => {
    selection.toggle(['c1']);
    selection.toggle(['c2']);
    selection.toggle(['c1']);
    expect(picked()).toEqual(['c2']);
  });

  it('are all rows between the last one and this one, whichever is above', () => {
    selection.toggle(['c4']);
    selection.extend(['c2'], listed);
    expect(picked().sort()).toEqual(['c2', 'c3', 'c4']);
    selection.extend(['c5'], listed);
    expect(picked().sort()).toEqual(['c2', 'c3', 'c4', 'c5']);
  });

  it('are no more than one request takes', () => {
    selection.toggle(['c0']);
    selection.extend(['c149'], listed);
    expect(selection.size).toBe(MOST);
    selection.toggle(['c149']);
    expect(selection.size).toBe(MOST);
    selection.toggle(['c0']);
    expect(selection.size).toBe(MOST - 1);
  });

  it('are only rows that are listed', () => {
    selection.toggle(['c1']);
    selection.toggle(['c2']);
    selection.keep([['c2'], ['c3']]);
    expect(picked()).toEqual(['c2']);
  });

  it('are whole: all conversations of a client, or none', () => {
    const rows = [['a', 'b'], ['c'], ['d', 'e']];
    selection.toggle(['a', 'b']);
    expect(selection.hasAll(['a', 'b'])).toBe(true);
    selection.extend(['d', 'e'], rows);
    expect(picked().sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    selection.toggle(['a', 'b']);
    expect(picked().sort()).toEqual(['c', 'd', 'e']);
    // What comes into a picked row is picked with it; of clients who part each has what was his.
    selection.keep([['c', 'f'], ['d'], ['e']]);
    expect(picked().sort()).toEqual(['c', 'd', 'e', 'f']);
  });

  it('do not grow beyond what one request takes by a half row', () => {
    const many = Array.from({ length: MOST - 1 }, (_, index) => `m${index}`);
    selection.toggle(many);
    selection.toggle(['a', 'b']);
    expect(selection.size).toBe(MOST - 1);
  });
});
