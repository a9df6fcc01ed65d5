import { ApiError } from '@otklik/api';
import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { m } from '$lib/paraglide/messages';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { codeText, fieldErrors, problemText } from './problem';
import { placeTexts, problemTexts, wayTexts } from './problemTexts';

const CRATES = new URL('../../../../../../crates/', import.meta.url);

/** Codes the desk has no words for, because nobody meets them in it. */
const NOT_IN_THE_DESK = [
  // The desk puts its requests together itself: only a program that calls the API wrongly hears these.
  ...['bad_body', 'bad_cursor', 'bad_json', 'compressed', 'headers_too_large', 'not_json', 'not_multipart'],
  'only_in_notes',
  // Letters to the team: said in the thread's line, in words of its own.
  ...['mail_not_reached', 'own_mailbox'],
  // Of two nodes that count for reports at once: said to none but the log.
  'step_taken',
  ...['no_settings', 'out_of_range', 'wrong_method', 'wrong_type', 'unknown', 'second_factor_not_begun'],
  // The page of signing in asks for the code itself.
  'second_factor_required',
  // Parts of the API the desk does not use: idempotency keys, bulk changes, rules with ids, buttons, chosen connections.
  ...[
    'bad_button',
    'duplicate',
    'no_buttons',
    'not_taken',
    'other_connection',
    'reused',
    'still_running',
    'unknown_contact',
  ],
  // Heard by the widget, by a foreign page or by whoever knocks at a webhook or a socket.
  ...['foreign_origin', 'identity_refused', 'not_a_websocket', 'wrong_secret'],
  // The server answers the first message instead, so this one never leaves it.
  ...['client_id_reused', 'repeated'],
  // Heard by whoever opens an old address of a file by itself: the desk renews addresses before they end.
  'link_expired',
  // Kept with a message whose outcome is unknown: the desk says just that, without a reason.
  'interrupted',
  // The checker on the site's own page hears it of a link that has ended, and says so itself.
  'inspect_ended',
  // Takes back what a changed field began: the job that hears it tells nobody.
  'not_launched',
  // An exit of a block, not a code of an answer.
  'error',
  // What no form of an auto-action can send: members, groups, starts and actions that there are not.
  ...['too_deep', 'unknown_action', 'unknown_member', 'unknown_start', 'wrong_group'],
  // What no form of a mailing can send: a text beside a scenario.
  'two_bodies',
  // Why a row of an import was refused: ImportResultView says these.
  'wrong_number_of_cells',
];

/** The ways the Rust code writes a code down. */
const WAYS = [
  /StatusCode::[A-Z_]+,\s*"([a-z0-9_]+)"/g,
  /ApiError::new\([^;"]*"([a-z0-9_]+)"/g,
  /(?:::invalid|Invalid::new)\([^;]*?,\s*"([a-z0-9_]+)",/g,
  /\bconflict\(\s*"([a-z0-9_]+)"/g,
  /\bcode: "([a-z0-9_]+)"/g,
  /Err\(\(\s*"([a-z0-9_]+)",/g,
  /refused?\(\s*(?:Some\(\w+\),\s*|None,\s*)?"([a-z0-9_]+)",(?! problems)/g,
  /Some\(\(\s*"([a-z0-9_]+)",/g,
  /reason\("([a-z0-9_]+)",/g,
  /\b(?:trouble|unfit)\([^;]*?"([a-z0-9_]+)",/g,
  /SendError::\w+ \{ \.\. \} => "([a-z0-9_]+)"/g,
  /(?:\)|\.can_\w+) => Some\("([a-z0-9_]+)"\)/g,
  /\bsay\("[\w.]+", "([a-z0-9_]+)", /g,
  /\bproblem = \("([a-z0-9_]+)", /g,
];

/** The ways in which the rules of auto-actions write theirs. */
const WAYS_OF_RULES = [
  /"(unknown_[a-z]+)"/g,
  /self\.add\((?:&at\([^)]*\)|&?\w+|"\w+"), "([a-z_]+)",/g,
  /word(?:::<\w+>)?\([^;]*?, "([a-z]+_[a-z_]+)",/g,
  /\bwrong\("\w+", "([a-z_]+)",/g,
];

function rustSources(folder = ''): string[] {
  const names = readdirSync(CRATES, { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => /^[^/]+\/src\/.*\.rs$/.test(name) && name.startsWith(folder));
  return sources.map(
    (name) => readFileSync(new URL(name, CRATES), 'utf8').split('#[cfg(test)]\nmod ')[0] ?? '',
  );
}

function codesOfTheServer(): string[] {
  const found = (sources: string[], ways: RegExp[]) =>
    sources.flatMap((source) =>
      ways.flatMap((way) => [...source.matchAll(way)].map((match) => match[1] ?? '')),
    );
  const codes = [...found(rustSources(), WAYS), ...found(rustSources('site-rules/'), WAYS_OF_RULES)];
  return [...new Set(codes)].sort();
}

const invalid = (code: string, path: string, message: string) =>
  new ApiError(422, { code: 'invalid', detail: `${path}: ${message}`, errors: [{ path, code, message }] });

it('says a known code in the language of the reader', () => {
  overwriteGetLocale(() => 'ru');
  const gone = new ApiError(404, { code: 'not_found', detail: 'there is no such thing here' });
  expect(problemText(gone)).toBe('Этого уже нет, или у вас нет доступа. Обновите страницу.');
  overwriteGetLocale(() => 'en');
  expect(problemText(gone)).toBe('It is gone, or you have no access to it. Reload the page.');
});

it('shows what the server says when it does not know the code', () => {
  overwriteGetLocale(() => 'ru');
  expect(problemText(new ApiError(409, { code: 'brand_new', detail: 'a new trouble' }))).toBe(
    'a new trouble',
  );
  expect(problemText(new ApiError(502, {}))).toBe(m.error_generic());
  expect(problemText(new ApiError(0, {}))).toBe(m.error_network());
});

it('says what is wrong in the list of an invalid request, at the top and beside the field', () => {
  overwriteGetLocale(() => 'ru');
  const error = invalid('taken', 'email', 'there is a user with this e-mail');
  expect(problemText(error)).toBe('Пользователь с такой почтой уже есть.');
  expect(fieldErrors(error)).toEqual({ email: 'Пользователь с такой почтой уже есть.' });
  expect(fieldErrors(invalid('odd', '/name', 'odd name'))).toEqual({ name: 'odd name' });
});

it('quotes Telegram', () => {
  overwriteGetLocale(() => 'ru');
  expect(codeText('refused', 'Bad Request: too late', { place: 'message', kind: 'telegram' })).toBe(
    'Telegram отказал: Bad Request: too late',
  );
});

const TELEGRAM = /telegram|botfather|bot api|123456789/i;

it.each(['ru', 'en'] as const)('says Telegram in %s of nothing but Telegram', (locale) => {
  overwriteGetLocale(() => locale);
  const codes = [...new Set([...Object.keys(placeTexts), ...Object.keys(problemTexts)])];
  for (const kind of ['youla', 'own', 'a-newer-kind', undefined]) {
    const said = codes.map((key) => {
      const [code = '', place] = key.split(' ');
      return codeText(code, 'the reason', { place, kind });
    });
    expect(said.filter((text) => TELEGRAM.test(text))).toEqual([]);
  }
});

it('names the channel that failed, and keeps the hints of each to itself', () => {
  overwriteGetLocale(() => 'ru');
  expect(codeText('no_answer', '', { kind: 'youla' })).toBe(
    'Юла не отвечает вовремя. Проверьте связь сервера.',
  );
  expect(codeText('no_answer', '')).toBe('Канал не отвечает вовремя. Проверьте связь сервера.');
  expect(codeText('refused', 'HTTP 400', { kind: 'youla' })).toBe('Другая сторона отказала: HTTP 400');
  expect(codeText('bad_token', '', { kind: 'telegram' })).toContain('@BotFather');
  const error = invalid('wrong_form', 'settings.token', 'not a token');
  expect(fieldErrors(error, 'telegram')['settings.token']).toBe(m.tg_token_bad());
  expect(fieldErrors(error)['settings.token']).toBe(m.problem_wrong_form());
});

it('knows every code of the server, or says why nobody meets it here', () => {
  const codes = codesOfTheServer();
  expect(codes.length).toBeGreaterThan(80);
  const known = new Set([...Object.keys(problemTexts), ...NOT_IN_THE_DESK]);
  expect(codes.filter((code) => !known.has(code))).toEqual([]);
});

it('keeps no code the server does not have', () => {
  // `network` is the client's own: no answer came at all.
  const codes = new Set([...codesOfTheServer(), 'network']);
  expect([...Object.keys(problemTexts), ...NOT_IN_THE_DESK].filter((code) => !codes.has(code))).toEqual([]);
  const placed = [placeTexts, ...Object.values(wayTexts)].flatMap((texts) => Object.keys(texts));
  expect(placed.filter((place) => !codes.has(place.split(' ')[0] ?? ''))).toEqual([]);
  expect(NOT_IN_THE_DESK.filter((code) => code in problemTexts)).toEqual([]);
});
