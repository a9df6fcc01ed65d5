/** The table of blocks: what each type of Typebot becomes. */

import { bubble } from './bubbles';
import { cardsInput, choiceInput, pictureInput } from './choices';
import { condition } from './conditions';
import {
  dateInput,
  emailInput,
  fileInput,
  numberInput,
  phoneInput,
  ratingInput,
  textInput,
  timeInput,
  urlInput,
} from './inputs';
import { email, httpRequest, sheets, webhook } from './integrations';
import { abTest, jump, redirect, returns, typebotLink, wait } from './logic';
import type { Piece } from './part';
import { inert } from './placeholder';
import type { Scope } from './scope';
import { setVariable } from './values';

type Convert = (scope: Scope) => Piece;

const bubbles = new Set(['text', 'image', 'video', 'audio', 'embed']);

const questions = new Map<string, Convert>([
  ['text input', textInput],
  ['number input', numberInput],
  ['email input', emailInput],
  ['url input', urlInput],
  ['phone number input', phoneInput],
  ['date input', dateInput],
  ['time input', timeInput],
  ['rating input', ratingInput],
  ['file input', fileInput],
  ['choice input', choiceInput],
  ['picture choice input', pictureInput],
  ['cards', cardsInput],
]);

const others = new Map<string, Convert>([
  ['Condition', condition],
  ['Set variable', setVariable],
  ['Wait', wait],
  ['AB test', abTest],
  ['Jump', jump],
  ['Return', returns],
  ['Typebot link', typebotLink],
  ['Redirect', redirect],
  ['Webhook', httpRequest],
  ['HTTP request', httpRequest],
  ['Zapier', httpRequest],
  ['Make.com', httpRequest],
  ['Pabbly', httpRequest],
  ['Google Sheets', sheets],
  ['webhook', webhook],
  ['Email', email],
]);

export const isBubble = (type: string): boolean => bubbles.has(type);
export const isQuestion = (type: string): boolean => questions.has(type);

/** Code, payments, models, pixels and whatever else is not in the table has no counterpart. */
export function convert(scope: Scope): Piece {
  const { type } = scope.block;
  if (isBubble(type)) return bubble(scope);
  const known = questions.get(type) ?? others.get(type);
  return (known ?? inert)(scope);
}
