import { beforeAll, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import type { MailingDocument, Preflight } from './contract';
import { linesOf } from './ready';

beforeAll(() => overwriteGetLocale(() => 'ru'));

const document: MailingDocument = {
  title: 'Зимний свет',
  audience: { all: [] },
  matching_only: false,
  body: { text: 'Лампы' },
  channels: ['telegram', 'email', 'site'],
  fallback: true,
  schedule: { zone: 'project', quiet: null },
  opt_out_line: false,
};
const share = (people: number) => ({ people, per_minute: 60, seconds: 60 });
const answer: Preflight = {
  at: '2026-12-03T04:41:00Z',
  contacts: 3,
  people: 3,
  duplicates: 0,
  reachable: 3,
  by_channel: { telegram: share(2), email: share(1), site: share(0) },
  fallback: 0,
  skipped: {},
  missing_fields: {},
  seconds: 60,
  ends_at: null,
  zones: [],
  zone_unknown: 0,
  may_close: 0,
  problems: [],
};
const known = {
  answer,
  document,
  tried: new Set(['telegram']),
  version: null,
  licence: { isOn: null, until: null },
};

it('asks for a trial in the channels that somebody is written to in', () => {
  const lines = linesOf(known);
  expect(lines.filter(({ tone }) => tone === 'odd')).toEqual([
    { tone: 'odd', text: 'Пробы ещё не было: Почта', trial: ['email'] },
  ]);
});

it('says what forbids the start first, and where it is mended', () => {
  const problems = [{ path: 'schedule.at', code: 'in_the_past', message: 'the start is in the past' }];
  const [first] = linesOf({ ...known, answer: { ...answer, problems } });
  expect(first).toEqual({ tone: 'bad', text: 'Это время уже прошло.', step: 'when' });
});

it('says so when nobody would get it', () => {
  const lines = linesOf({ ...known, answer: { ...answer, reachable: 0, by_channel: {} } });
  expect(lines.map(({ tone, step }) => [tone, step])).toEqual([
    ['bad', 'who'],
    ['good', undefined],
  ]);
});

it('tells a scenario’s version, and until when Premium works', () => {
  const lines = linesOf({
    ...known,
    document: { ...document, body: { scenario_id: 'scn_1' } },
    tried: new Set(['telegram', 'email']),
    version: 3,
    licence: { isOn: true, until: '2027-08-31T00:00:00Z' },
  });
  expect(lines.map(({ aside }) => aside)).toEqual(['версия 3', 'до 31 августа 2027 г.']);
});
