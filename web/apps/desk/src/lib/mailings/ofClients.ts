import type { Audience, Leaf } from './contract';

/** What the list of clients is narrowed to. */
export interface NarrowedTo {
  q: string;
  channel: string;
  tag: string;
  field: string;
  value: string;
}

/** The audience that a filter of the clients' list means; null where it asks for words, which no condition does. */
export function audienceOfClients(filter: NarrowedTo): Audience | null {
  if (filter.q) return null;
  const leaves: Leaf[] = [
    ...(filter.channel ? [{ channel: filter.channel }] : []),
    ...(filter.tag ? [{ tag: filter.tag }] : []),
    ...(filter.field ? [ofField(filter.field, filter.value)] : []),
  ];
  return leaves.length > 0 ? { all: leaves } : null;
}

const ofField = (field: string, value: string): Leaf =>
  value ? { field, op: 'is', value } : { field, op: 'is_filled' };
