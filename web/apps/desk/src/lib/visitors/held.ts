import type { SiteVisitor } from '@otklik/api';

/** What was fetched: the first so many rows, and whether there are more. */
export interface Fetched {
  items: readonly SiteVisitor[];
  hasMore: boolean;
}

/** Rows that somebody points at stay where they are: they change in place, and who has come waits. */
export function heldRows(shown: readonly SiteVisitor[], { items, hasMore }: Fetched) {
  const fresh = new Map(items.map((visitor) => [visitor.id, visitor]));
  const end = items.at(-1)?.since ?? '';
  // Beyond what was fetched nothing is known.
  const isUnknown = ({ since }: SiteVisitor) => hasMore && since <= end;
  const rows = shown.map((row) => fresh.get(row.id) ?? (isUnknown(row) ? row : { ...row, is_here: false }));
  const known = new Set(shown.map(({ id }) => id));
  return { rows, waiting: items.filter(({ id }) => !known.has(id)).length };
}
