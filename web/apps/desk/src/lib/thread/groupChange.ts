import type { Contact } from '@otklik/api';

/** What became of a multi-contact, as seen from one of its contacts. */
export interface GroupChange {
  joined: Contact[];
  left: Contact[];
}

/** Null when the same contacts stand together as before. */
export function groupChange(before: readonly Contact[], after: readonly Contact[]): GroupChange | null {
  const without = (list: readonly Contact[], others: readonly Contact[]) =>
    list.filter(({ id }) => !others.some((other) => other.id === id));
  const change = { joined: without(after, before), left: without(before, after) };
  return change.joined.length + change.left.length > 0 ? change : null;
}
