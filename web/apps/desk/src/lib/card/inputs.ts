import type { Field, FieldKind } from '@otklik/api';
import type { HTMLInputAttributes } from 'svelte/elements';
import { dayText, momentText } from '$lib/shared/format';
import { m } from '$lib/paraglide/messages';

const types: Partial<Record<FieldKind, HTMLInputAttributes>> = {
  number: { type: 'number', step: 'any' },
  date: { type: 'date' },
  datetime: { type: 'datetime-local' },
  email: { type: 'email' },
  phone: { type: 'tel' },
  link: { type: 'url' },
};

/** The input that fits one value of this kind. */
export const inputOf = (kind: FieldKind): HTMLInputAttributes => types[kind] ?? { type: 'text' };

/** What a value is chosen from; null where it is written. */
export function optionsOf(field: Field): string[] | null {
  if (field.kind === 'bool') return ['true', 'false'];
  if (field.kind === 'list' || field.kind === 'multi_list') return field.options ?? [];
  return null;
}

export function optionName(field: Field, option: string): string {
  if (field.kind !== 'bool') return option;
  return option === 'true' ? m.yes() : m.no();
}

/** A stored value as a person reads it. */
export function readable(field: Field, value: string): string {
  if (field.kind !== 'date' && field.kind !== 'datetime') return optionName(field, value);
  // What came through the API may only look like a date.
  if (Number.isNaN(new Date(value).getTime())) return value;
  return field.kind === 'date' ? dayText(value) : momentText(value);
}
