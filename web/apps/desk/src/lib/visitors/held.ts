import type { Visitor } from './contract';

/** What was fetched: the first so many rows, and whether there are more. */
export interface Fetched {
  items: readonly Visitor[];
  hasMore: boolean;
}

/** Rows that somebody points at stay where they are: they change in place, and who has come waits. */
export function heldRows(shown: readonly Visitor[], { items, hasMore }: Fetched) {
  const fresh = new Map(items.map((visitor) => [visitor.id, visitor]));
  const end = items.at(-1)?.since ?? '';
  // Beyond what was fetched nothing is known.
  const isUnknown = ({ since }: Visitor) => hasMore && since <= end;
  const rows = shown.map((row) => fresh.get(row.id) ?? (isUnknown(row) ? row : { ...row, is_here: false }));
  const known = new Set(shown.map(({ id }) => id));
  return { rows, waiting: items.filter(({ id }) => !known.has(id)).length };
}
