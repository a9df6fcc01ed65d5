import type { Form, View } from '../core/view';
import { element, icon } from '../loader/elements';
import type { Core, Shell } from '../shell';
import { wordsOf } from './words';

const STAR = 'm12 3 2.8 5.7 6.2.9-4.5 4.4 1.1 6.2L12 17.3l-5.6 2.9 1.1-6.2L3 9.6l6.2-.9Z';
const BEST = 5;
const THANKS_MS = 2_500;

/** Asks what the visitor thinks of the conversation. It comes by itself, so it takes no focus. */
export function ratingForm(): Form {
  const label = { ru: wordsOf('ru').rating, en: wordsOf('en').rating };
  return { kind: 'rating', label, target: {}, isQuiet: true };
}

/** Each conversation is asked about once, answered or not. */
export function isRated({ store, prefix }: Shell, conversationId: string): boolean {
  return store[prefix + 'rated'] === conversationId;
}

function settle({ store, prefix }: Shell, { view }: Core) {
  if (view.closedId) store[prefix + 'rated'] = view.closedId;
}

/** Five stars and a few words. */
export function ratingNode(shell: Shell, core: Core, form: NonNullable<View['form']>): HTMLFormElement {
  const words = wordsOf(shell.locale);
  const stars = [1, 2, 3, 4, 5].map((score) => {
    const input = element('input', {
      type: 'radio',
      name: 'score',
      value: score,
      required: '',
      'aria-label': words.score(score),
    });
    input.checked = form.values.score === String(score);
    return element('label', {}, input, icon(STAR));
  });
  const comment = element('textarea', { class: 'field', rows: 2, maxlength: 1000 });
  comment.value = form.values.comment ?? '';
  const later = element('button', { type: 'button', class: 'chip' }, words.later);
  const send = element('button', { class: 'chip main' }, words.send);
  const fault = form.fault === null ? [] : [form.fault];
  const node = element(
    'form',
    { class: 'composer call', 'aria-label': form.title },
    element('b', {}, form.title),
    element('fieldset', { class: 'stars', 'aria-label': form.title }, ...stars),
    element('label', {}, words.comment, ' ', element('small', {}, words.optional), comment),
    ...fault.map((text) =>
      element('p', { class: 'status notSent', role: 'alert' }, `${words.notSent}: ${text}`),
    ),
    element('p', { class: 'acts' }, later, send),
  );
  later.onclick = () => {
    settle(shell, core);
    core.showForm(null);
  };
  node.onsubmit = (event) => {
    event.preventDefault();
    const score = stars.findIndex((star) => star.querySelector('input')!.checked) + 1;
    if (score < 1 || score > BEST) return;
    const told = { score, comment: comment.value.trim() };
    send.disabled = true;
    void core.facts.tell({ type: 'rate', ...told }).then((reason) => {
      if (reason !== null) return core.showForm(form.button, { ...told, score: String(score) }, reason);
      settle(shell, core);
      shell.emit('rate', told);
      node.replaceChildren(element('p', { class: 'lead', role: 'status' }, words.thanks));
      setTimeout(() => core.view.form?.button === form.button && core.showForm(null), THANKS_MS);
    });
  };
  return node;
}
