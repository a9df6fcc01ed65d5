import type { Contact, Field } from '@otklik/api';

/** Fields that are asked for on closing and that no channel of the client holds: what the operator can fill in. */
export function missingRequired(fields: Field[], contacts: Contact[]): Field[] {
  const isAsked = (field: Field) => field.required && !field.hidden && !field.read_only;
  const isHeld = ({ key }: Field) => contacts.some((contact) => (contact.fields[key]?.length ?? 0) > 0);
  return fields.filter((field) => isAsked(field) && !isHeld(field));
}
