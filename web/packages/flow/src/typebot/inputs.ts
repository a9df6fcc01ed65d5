/** Questions of Typebot. The bubble above becomes what is asked; a wrong answer asks again, as Typebot does. */

import type { MessageButton, Wait } from '../document';
import { numberIn, recordIn, textIn } from './loose';
import { part, type Aim, type Piece } from './part';
import type { Scope } from './scope';

/** An address as people type it. */
const ADDRESS = '(?i)(?:https?://)?[^\\s/@]+\\.[^\\s/@.]{2,}(?:[/?#]\\S*)?';
const TIME = '(?:[01]?\\d|2[0-3])[:.][0-5]\\d';

/** What is asked: the bubble above, else what stands in the field while it is empty. */
export function question(scope: Scope, more = ''): string {
  const placeholder = textIn(recordIn(scope.block.options.labels).placeholder);
  const asked = scope.asked || (scope.block.type === 'file input' ? '' : placeholder.trim());
  const text = [asked, more].filter(Boolean).join('\n');
  if (!text) scope.warn('empty_question');
  return text;
}

export function ask(
  scope: Scope,
  wait: Wait,
  more: { text?: string; buttons?: MessageButton[] } = {},
): Piece {
  const { variableId, retryMessageContent } = scope.block.options;
  const saveTo = scope.key(variableId);
  const error = textIn(retryMessageContent).trim();
  const settings = {
    text: scope.words(question(scope, more.text)),
    ...(more.buttons && { buttons: more.buttons }),
    wait: {
      ...wait,
      ...(saveTo && { save_to: saveTo }),
      ...(error && { on_incorrect: 'retry' as const, error_text: scope.words(error) }),
    },
  };
  return [part('message', settings, { correct: 'on', incorrect: 0 })];
}

export const textInput = (scope: Scope): Piece => ask(scope, { expect: 'text' });
export const emailInput = (scope: Scope): Piece => ask(scope, { expect: 'email' });
export const phoneInput = (scope: Scope): Piece => ask(scope, { expect: 'phone' });
export const urlInput = (scope: Scope): Piece => ask(scope, { expect: 'pattern', pattern: ADDRESS });
export const timeInput = (scope: Scope): Piece => ask(scope, { expect: 'pattern', pattern: TIME });

export function numberInput(scope: Scope): Piece {
  const min = numberIn(scope.block.options.min);
  const max = numberIn(scope.block.options.max);
  return ask(scope, {
    expect: 'number',
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  });
}

export function dateInput(scope: Scope): Piece {
  const { hasTime, isRange } = scope.block.options;
  if (hasTime !== true && isRange !== true) return ask(scope, { expect: 'date' });
  // A range and a time of day are no day.
  scope.warn('date_as_text');
  return ask(scope, { expect: 'text' });
}

export function fileInput(scope: Scope): Piece {
  const { isRequired, labels } = scope.block.options;
  const skip = textIn(recordIn(labels).skip) || 'Skip';
  const buttons = isRequired === false ? { buttons: [{ id: 'skip', label: scope.text(skip) }] } : {};
  return ask(scope, { expect: 'file' }, buttons);
}

/** Marks as buttons, as many as messengers show; more of them are a number to write. */
const MOST_MARKS = 13;

export function ratingInput(scope: Scope): Piece {
  const { length, startsAt, labels } = scope.block.options;
  const first = Math.trunc(numberIn(startsAt) ?? 0);
  const last = Math.trunc(numberIn(length) ?? 10);
  const count = last - first + 1;
  const { left, right } = recordIn(labels);
  const text = [
    [first, textIn(left)],
    [last, textIn(right)],
  ]
    .filter(([, words]) => words)
    .map(([mark, words]) => `${mark} — ${words}`)
    .join(', ');
  if (count < 2 || count > MOST_MARKS)
    return ask(scope, { expect: 'number', min: Math.min(first, last), max: Math.max(first, last) }, { text });
  const buttons = Array.from({ length: count }, (_, index) => ({
    id: `k${index + 1}`,
    label: String(first + index),
  }));
  return ask(scope, { expect: 'choice' }, { text, buttons });
}

/** Ways of a question with buttons: those with an edge of their own go there, all others where a right answer goes. */
export function waysOf(buttons: readonly { id: string; to?: Aim }[]): Record<string, Aim> {
  const own = buttons.filter(({ to }) => to !== undefined);
  const ways: Record<string, Aim> = { incorrect: 0 };
  for (const { id, to } of own) ways[`button:${id}`] = to as Aim;
  return own.length < buttons.length ? { ...ways, correct: 'on' } : ways;
}
