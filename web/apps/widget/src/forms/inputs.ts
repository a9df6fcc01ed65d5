import type { FormField } from '../contract';
import { element } from '../loader/elements';
import type { Words } from './words';

/** What a field of the client is filled in with. */
export type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Kinds that browsers name otherwise; of what they do not know they make a text. */
const TYPES: Record<string, string> = {
  phone: 'tel',
  link: 'url',
  bool: 'checkbox',
  datetime: 'datetime-local',
};

export function inputOf(field: FormField, value = '', words: Words): Input {
  const input = field.options?.length ? choice(field.options) : written(field);
  input.className = 'field';
  input.name = field.key;
  input.title = words.wrong;
  input.required = Boolean(field.required) && input.type !== 'checkbox';
  if (input.type === 'checkbox') (input as HTMLInputElement).checked = value === 'true';
  else input.value = value;
  return input;
}

export function valueOf(input: Input): string {
  if (input.type === 'checkbox') return (input as HTMLInputElement).checked ? 'true' : '';
  return input.value.trim();
}

function choice(options: string[]): HTMLSelectElement {
  return element('select', {}, ...['', ...options].map((value) => element('option', { value }, value)));
}

function written({ key, kind }: FormField): Input {
  if (kind === 'long_text') return element('textarea', { rows: 2, maxlength: 1000 });
  return element('input', {
    type: TYPES[kind] ?? kind,
    pattern: kind === 'phone' ? '\\D*(\\d\\D*){7,15}' : '.*\\S.*',
    autocomplete: TYPES[kind] ?? key,
    maxlength: 200,
  });
}
