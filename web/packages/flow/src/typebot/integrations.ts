/** What a bot of Typebot does outside of the talk. */

import { listIn, numberIn, recordIn, recordsIn, textIn, type Loose } from './loose';
import { part, type Piece } from './part';
import { inert } from './placeholder';
import type { Scope } from './scope';

/** Addresses that one block tells. */
const MOST_EMAILS = 5;
/** No answer is waited for longer (in seconds). */
const LONGEST_TIMEOUT = 120;
/** Begins with its scheme and names its host without values in it. */
const ADDRESS = /^https?:\/\/(?!\{\{)(?:(?!\{\{)[^\s/?#])+(?:[/?#]\S*)?$/;
const SIMPLE_PATH = /^(?:[\w$-]+|\[\d+\]|\["[^"\]]+"\])(?:\.[\w$-]+|\[\d+\]|\["[^"\]]+"\])*$/;

/** HTTP request; Typebot goes on whatever the answer is. */
export function httpRequest(scope: Scope): Piece {
  const { options } = scope.block;
  const request = recordIn(options.webhook);
  const url = address(scope, request);
  // Without an address that the server takes the editor asks for one before publishing.
  if (!ADDRESS.test(url)) scope.hold(true);
  const method = (textIn(request.method) || 'POST').toUpperCase();
  const timeout = numberIn(options.timeout);
  const settings = {
    request: '',
    method,
    url,
    ...filled('headers', headersOf(scope, request)),
    ...(method !== 'GET' && method !== 'HEAD' && { body: bodyOf(scope, options, request) }),
    ...(timeout !== undefined &&
      timeout > 0 && { timeout: `PT${Math.min(LONGEST_TIMEOUT, Math.ceil(timeout))}S` }),
    retries: 0,
    ...filled('save', saveOf(scope, options)),
  };
  return [part('http', settings, { success: 'on', error: 'on' })];
}

const filled = (name: string, pairs: Record<string, string>) =>
  Object.keys(pairs).length > 0 ? { [name]: pairs } : {};

/** Pairs whose key says something; keys may be any word, that of a prototype among them. */
const pairs = (entries: [string, string][]): Record<string, string> =>
  Object.fromEntries(entries.filter(([key]) => key !== '' && key !== '__proto__'));

function address(scope: Scope, request: Loose): string {
  const url = scope.text(textIn(request.url).trim());
  const query = recordsIn(request.queryParams).flatMap(({ key, value }) =>
    textIn(key) ? [`${encodeURIComponent(textIn(key))}=${queryValue(scope.text(textIn(value)))}`] : [],
  );
  if (!url || query.length === 0) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${query.join('&')}`;
}

/** Variables stay as they are: the server makes their values fit for an address. */
const queryValue = (value: string): string =>
  value
    .split(/(\{\{[^{}]*\}\})/)
    .map((piece, index) => (index % 2 === 1 ? piece : encodeURIComponent(piece)))
    .join('');

const headersOf = (scope: Scope, request: Loose): Record<string, string> =>
  pairs(recordsIn(request.headers).map(({ key, value }) => [textIn(key).trim(), scope.text(textIn(value))]));

/** A body of one's own, else every answer by its name, as Typebot sends them. */
function bodyOf(scope: Scope, options: Loose, request: Loose): string {
  const own = textIn(request.body);
  if (options.isCustomBody === true && own.trim() && own.trim() !== '{{state}}') return scope.text(own);
  const answers = pairs(scope.variables.all().map(([name, key]) => [name, `{{${key}}}`]));
  return JSON.stringify(answers, null, 2);
}

/** `data.order.items[0].name` is `order.items.0.name`. */
function saveOf(scope: Scope, options: Loose): Record<string, string> {
  const entries = recordsIn(options.responseVariableMapping).flatMap(({ variableId, bodyPath }) => {
    const field = scope.key(variableId);
    const path = textIn(bodyPath).trim();
    if (!field || !path) return [];
    const inner = path === 'data' ? '' : path.replace(/^data(?:\.|(?=\[))/, '');
    if (path !== 'data' && (inner === 'statusCode' || !SIMPLE_PATH.test(inner))) {
      scope.warn('answer_path', path);
      return [];
    }
    const steps = inner.replace(/\["([^"\]]+)"\]|\[(\d+)\]/g, '.$1$2').replace(/^\./, '');
    return [[field, steps] as [string, string]];
  });
  return pairs(entries);
}

/** Waits until a program of theirs calls. Ours asks that program first, so it needs an address. */
export function webhook(scope: Scope): Piece {
  scope.hold(true);
  return [part('external', { url: '', exits: [{ id: 'done' }] }, { done: 'on', error: 'on' })];
}

/** A table that is reached over the web here. */
export function sheets(scope: Scope): Piece {
  scope.hold(true);
  const settings = { request: '', method: 'POST', url: '', retries: 0 };
  return [part('http', settings, { success: 'on', error: 'on' })];
}

/** Addresses that are written out are told; one that is made of an answer is named in the report. */
export function email(scope: Scope): Piece {
  const { recipients, subject, body, isCustomBody } = scope.block.options;
  const to = listIn(recipients).map(textIn).filter(Boolean);
  const emails = to
    .filter((address) => /^[^\s@{}<>,;]+@[^\s@{}<>,;]+\.[^\s@{}<>,;]+$/.test(address))
    .slice(0, MOST_EMAILS);
  const said = [textIn(subject), textIn(body)].filter((one) => one.trim()).join('\n\n');
  // Without a text of its own it is the answers.
  const answers = scope.variables.all().map(([name]) => `${name}: {{${name}}}`);
  const whole = scope.words(isCustomBody === true ? said : [said, ...answers].filter(Boolean).join('\n'));
  if (!whole.trim()) return inert(scope);
  scope.warn('email_to_staff', to.join(', '));
  return [part('notify', { text: whole, ...(emails.length > 0 && { emails }) })];
}
