import type { Contact, Field, FieldKind, FieldSource, Unusable } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

/** One value of a field as the card shows it. */
export interface ShownValue {
  text: string;
  /** Null for a name that no field holds: the channel shows it, nobody entered it. */
  source: FieldSource | null;
  verified: boolean;
  /** Why it is compared with nothing; null for a value that can be. */
  unusable: Unusable | null;
  /** What it stands before, which is compared on. */
  stillCompared: string[];
  /** Everybody of the multi-contact who holds it; the open contact first. */
  holders: Contact[];
}

/** Several values may stand in this field. */
export const holdsSeveral = (field: Field) => field.multi || field.kind === 'multi_list';

/** Values as the server takes them; none clear the field. */
export function written(field: Field, values: string[]): string | string[] | null {
  if (values.length === 0) return null;
  return holdsSeveral(field) ? values : (values[0] ?? null);
}

/** The open contact comes first: what it says is what an edit changes. */
export function ownFirst(contacts: Contact[], ownId: string): Contact[] {
  return [...contacts.filter(({ id }) => id === ownId), ...contacts.filter(({ id }) => id !== ownId)];
}

/** Every different value that the members of a multi-contact hold in a field, each once. */
export function valuesOf(contacts: Contact[], ownId: string, field: Field): ShownValue[] {
  const members = ownFirst(contacts, ownId);
  const shown = new Map<string, ShownValue>();
  for (const contact of members) {
    for (const { value, source, verified, unusable, still_compared } of contact.fields[field.key] ?? []) {
      const known = { unusable: unusable ?? null, stillCompared: still_compared ?? [] };
      add(shown, contact, { text: value, source, verified, ...known, holders: [] }, field.kind);
    }
  }
  if (shown.size > 0 || field.key !== 'name') return [...shown.values()];
  for (const contact of members) {
    if (contact.name) {
      const known = { source: null, verified: false, unusable: null, stillCompared: [] };
      add(shown, contact, { text: contact.name, ...known, holders: [] }, field.kind);
    }
  }
  return [...shown.values()];
}

function add(shown: Map<string, ShownValue>, holder: Contact, value: ShownValue, kind: FieldKind) {
  const norm = spelling(value.text, kind);
  if (norm === '') return;
  const known = shown.get(norm) ?? value;
  shown.set(norm, known);
  if (!known.holders.includes(holder)) known.holders.push(holder);
  known.verified ||= value.verified;
  known.stillCompared = [...new Set([...known.stillCompared, ...value.stillCompared])];
}

/** Why a value is compared with nothing, in words. */
export function unusableText(why: Unusable, kind: FieldKind): string {
  if (why === 'placeholder') return m.unusable_placeholder();
  if (why === 'empty') return m.unusable_empty();
  if (kind === 'phone') return why === 'garbage' ? m.unusable_phone_garbage() : m.unusable_phone();
  return kind === 'email' ? m.unusable_email() : m.unusable_other();
}

const NATIONAL_DIGITS = 10;

/** What two spellings of one value have in common: case and spaces are no difference (rulings.md 31). */
export function spelling(value: string, kind: FieldKind): string {
  const norm = value.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
  if (kind !== 'phone') return norm;
  const digits = norm.replace(/\D/g, '');
  // "8 912…" and "+7 912…" are one number; a short one is somebody's words.
  return digits.length < NATIONAL_DIGITS ? norm : digits.slice(-NATIONAL_DIGITS);
}
