import type { FormField, Locale } from '../contract';
import type { View } from '../core/view';
import { element } from '../loader/elements';
import type { Core } from '../shell';
import { wordsOf, type Words } from './words';

/** Kinds that browsers name otherwise; of what they do not know they make a text. */
const TYPES: Record<string, string> = { phone: 'tel', link: 'url' };

/** A few fields of the client in place of the composer. The browser says what is missing or wrong in them. */
export function callForm(core: Core, form: NonNullable<View['form']>, locale: Locale): HTMLFormElement {
  const words = wordsOf(locale);
  const inputs = form.button.target.fields!.map((field) => inputOf(field, form.values[field.key], words));
  const labels = form.button.target.fields!.map(({ title }, index) =>
    element('label', {}, title, inputs[index]!),
  );
  const fault = element('p', { class: 'status notSent', role: 'alert' }, `${words.notSent}: ${form.fault}`);
  const cancel = element('button', { type: 'button', class: 'chip' }, words.cancel);
  cancel.onclick = () => core.showForm(null);
  const send = element('button', { class: 'chip main' }, words.send);
  const node = element(
    'form',
    { class: 'composer call', 'aria-label': form.title },
    element('b', {}, form.title),
    ...labels,
    ...(form.fault === null ? [] : [fault]),
    element('p', { class: 'acts' }, cancel, send),
  );
  node.onsubmit = (event) => {
    event.preventDefault();
    const values = Object.fromEntries(inputs.map(({ name, value }) => [name, value.trim()]));
    core.callBack(values, `${form.title}: ${Object.values(values).join(', ')}`);
  };
  return node;
}

function inputOf({ key, kind }: FormField, value = '', words: Words): HTMLInputElement {
  const input = element('input', {
    class: 'field',
    name: key,
    type: TYPES[kind] ?? kind,
    pattern: kind === 'phone' ? '\\D*(\\d\\D*){7,15}' : '.*\\S.*',
    title: words.wrong,
    autocomplete: TYPES[kind] ?? key,
    maxlength: 200,
    required: '',
  });
  input.value = value;
  return input;
}
