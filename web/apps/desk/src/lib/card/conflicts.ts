import type { Contact, Field } from '@otklik/api';
import { spelling } from './values';

export interface Conflict {
  field: Field;
  /** Each different value with the first contact that holds it. */
  values: { value: string; contact: Contact }[];
}

/** Fields marked exclusive (one per person) that hold different values inside one multi-contact. */
export function conflictsOf(contacts: Contact[], fields: Field[]): Conflict[] {
  return fields
    .filter((field) => field.exclusive)
    .map((field) => ({ field, values: differentValues(contacts, field) }))
    .filter(({ values }) => values.length > 1);
}

function differentValues(contacts: Contact[], { key, kind }: Field): Conflict['values'] {
  const seen = new Map<string, Conflict['values'][number]>();
  for (const contact of contacts) {
    for (const { value, unusable } of contact.fields[key] ?? []) {
      // What is compared with nothing tells nobody apart.
      if (unusable) continue;
      const norm = spelling(value, kind);
      if (norm && !seen.has(norm)) seen.set(norm, { value, contact });
    }
  }
  return [...seen.values()];
}
