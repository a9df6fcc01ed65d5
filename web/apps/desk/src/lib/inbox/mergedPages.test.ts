import type { Conversation } from '@otklik/api';
import { expect, it } from 'vitest';
import { MergedPages } from './mergedPages';
import { compareIn } from './order';

const SIZE = 2;

function shelf(stock: Record<string, number[]>) {
  const asked: string[] = [];
  const pages = new MergedPages(Object.keys(stock), compareIn('newest'), async (projectId, cursor) => {
    asked.push(projectId);
    const from = Number(cursor ?? 0);
    const all = stock[projectId] ?? [];
    const items = all.slice(from, from + SIZE).map((position) => ({ position }) as Conversation);
    return { items, next_cursor: from + SIZE < all.length ? String(from + SIZE) : null };
  });
  return { pages, asked };
}

it('gives every row once, newest first, whatever the projects hold', async () => {
  const { pages } = shelf({ a: [90, 80, 70, 20], b: [85, 10], c: [], d: [60, 50, 40, 30, 5] });
  const seen: number[] = [];
  while (pages.hasMore) seen.push(...(await pages.next()).map(({ position }) => position));
  expect(seen).toEqual([90, 85, 80, 70, 60, 50, 40, 30, 20, 10, 5]);
});

it('asks only the project that holds the list back', async () => {
  const { pages, asked } = shelf({ a: [90, 80, 70], b: [50, 40, 30] });
  expect((await pages.next()).map(({ position }) => position)).toEqual([90, 80]);
  expect(asked).toEqual(['a', 'b']);
  await pages.next();
  expect(asked).toEqual(['a', 'b', 'a']);
});
