import type { View } from '../core/view';
import { element } from '../loader/elements';
import type { Core, Shell } from '../shell';
import { inputOf, valueOf, type Input } from './inputs';
import { wordsOf, type Words } from './words';

type Open = NonNullable<View['form']>;

/** A few fields of the client in place of the composer. The browser says what is missing or wrong in them. */
export function formNode(shell: Shell, core: Core, form: Open): HTMLFormElement {
  const words = wordsOf(shell.locale);
  const { kind, text, target } = form.button;
  const fields = target.fields ?? [];
  // Menu buttons, suggests and auto-actions ask for nothing that may be left out.
  const inputs = fields.map((field) => inputOf({ required: true, ...field }, form.values[field.key], words));
  const message = kind === 'offline' && textArea(words, form.values['']);
  const labels = fields.map(({ title }, index) => labelled(title, inputs[index]!, words));
  const node = element(
    'form',
    { class: 'composer call', 'aria-label': form.title },
    element('b', {}, form.title),
    ...(text ? [element('p', { class: 'lead' }, text)] : []),
    ...labels,
    ...(message ? [labelled(words.message, message, words)] : []),
    ...(form.fault === null ? [] : [fault(words, form.fault)]),
    element('p', { class: 'acts' }, ...buttons(shell, core, form, words)),
  );
  node.onsubmit = (event) => {
    event.preventDefault();
    if (!core.mayTell()) return;
    const values = Object.fromEntries(inputs.map((input) => [input.name, valueOf(input)]));
    submit(shell, core, form, values, message ? message.value.trim() : '');
  };
  return node;
}

function submit(shell: Shell, core: Core, form: Open, values: Record<string, string>, message: string) {
  // What was left empty is not told: an empty word would take away what is known.
  const told = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
  shell.emit('form', told);
  if (form.button.kind === 'before') return tellBefore(shell, core, form, told);
  if (form.button.kind === 'offline') return core.callBack(told, message);
  core.callBack(values, `${form.title}: ${Object.values(values).join(', ')}`);
}

/** The fields, then the composer. What the server does not take comes back with its reason. */
function tellBefore(shell: Shell, core: Core, form: Open, fields: Record<string, string>) {
  const { prefix } = shell;
  shell.store[prefix + 'before'] = '1';
  core.showForm(null);
  shell.root.querySelector<HTMLElement>('textarea')?.focus({ preventScroll: true });
  if (!Object.keys(fields).length) return;
  void core.facts.tell({ type: 'fields', fields }).then((reason) => {
    if (reason === null) return;
    delete shell.store[prefix + 'before'];
    core.showForm(form.button, fields, reason);
  });
}

function buttons(shell: Shell, core: Core, { button }: Open, words: Words): HTMLElement[] {
  const isNeeded = button.target.fields?.some((field) => field.required);
  const send = element('button', { class: 'chip main' }, button.kind === 'before' ? words.begin : words.send);
  // A form before the chat may be passed by where nothing in it is needed; to one of nobody there is no other way.
  if (button.kind === 'offline' || (button.kind === 'before' && isNeeded)) return [send];
  const leave = element('button', { type: 'button', class: 'chip' }, button.kind ? words.skip : words.cancel);
  leave.onclick = () => {
    if (button.kind) shell.store[shell.prefix + 'before'] = '1';
    core.showForm(null);
  };
  return [leave, send];
}

function labelled(title: string, input: Input, words: Words): HTMLElement {
  if (input.type === 'checkbox') return element('label', { class: 'tick' }, input, title);
  const isOptional = !input.required;
  const hint = isOptional ? [' ', element('small', {}, words.optional)] : [];
  return element('label', {}, title, ...hint, input);
}

function textArea(words: Words, value = ''): HTMLTextAreaElement {
  const area = element('textarea', { class: 'field', rows: 3, maxlength: 4000, required: '' });
  area.title = words.wrong;
  area.value = value;
  return area;
}

function fault(words: Words, text: string): HTMLElement {
  return element('p', { class: 'status notSent', role: 'alert' }, `${words.notSent}: ${text}`);
}
