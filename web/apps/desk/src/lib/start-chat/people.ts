import type { Contact } from '@otklik/api';

/** Somebody who is known already. */
export interface Known {
  /** The multi-contact. */
  id: string;
  /** Whose name stands for it. */
  face: Contact;
  contacts: Contact[];
  /** The address that was typed is theirs. */
  isExact: boolean;
}

const MOST_SHOWN = 6;

/** Person by person: first those whom the address belongs to, then those whom a search has found. */
export function peopleOf(exact: readonly Contact[], found: readonly Contact[]): Known[] {
  const people = new Map<string, Contact[]>();
  const exactIds = new Set(exact.map((contact) => contact.multi_contact_id));
  for (const contact of [...exact, ...found]) {
    const known = people.get(contact.multi_contact_id) ?? [];
    if (!known.some(({ id }) => id === contact.id)) known.push(contact);
    people.set(contact.multi_contact_id, known);
  }
  const all = [...people].map(([id, contacts]) => ({
    id,
    face: contacts.find(({ name }) => name) ?? (contacts[0] as Contact),
    contacts,
    isExact: exactIds.has(id),
  }));
  return all.slice(0, MOST_SHOWN);
}
