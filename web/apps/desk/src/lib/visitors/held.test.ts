import { expect, it } from 'vitest';
import type { SiteVisitor } from '@otklik/api';
import { heldRows } from './held';

const visitor = (id: string, minute: number, rest: Partial<SiteVisitor> = {}) =>
  ({
    id,
    since: `2026-11-29T09:${String(minute).padStart(2, '0')}:00Z`,
    is_here: true,
    ...rest,
  }) as SiteVisitor;
const ids = (rows: readonly SiteVisitor[]) => rows.map(({ id }) => id);

const shown = [visitor('c', 3), visitor('b', 2), visitor('a', 1)];

it('keeps every row where it is, changes it in place, and counts who has come', () => {
  const items = [
    visitor('e', 5),
    visitor('d', 4),
    visitor('c', 3),
    visitor('b', 2, { status: 'typing' }),
    visitor('a', 1),
  ];
  const { rows, waiting } = heldRows(shown, { items, hasMore: false });
  expect(ids(rows)).toEqual(['c', 'b', 'a']);
  expect(rows[1]?.status).toBe('typing');
  expect(waiting).toBe(2);
});

it('says of a row that it has left instead of pulling it away', () => {
  const { rows, waiting } = heldRows(shown, { items: [visitor('c', 3), visitor('a', 1)], hasMore: false });
  expect(rows.map(({ id, is_here }) => [id, is_here])).toEqual([
    ['c', true],
    ['b', false],
    ['a', true],
  ]);
  expect(waiting).toBe(0);
});

it('does not take a row that was pushed beyond the page for one that has left', () => {
  const { rows } = heldRows(shown, {
    items: [visitor('d', 4), visitor('c', 3), visitor('b', 2)],
    hasMore: true,
  });
  expect(rows.map(({ is_here }) => is_here)).toEqual([true, true, true]);
});
