import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { textsOf } from '../src/texts.mjs';

const types = readFileSync(new URL('../../widget/w.d.ts', import.meta.url), 'utf8');
const between = (from: string, to: string) => types.split(from)[1]!.split(to)[0]!;
const quoted = (text: string) =>
  [...text.replace(/\/\*\*.*?\*\//gs, '').matchAll(/'(\w+)'/g)].map(([, name]) => name!);
const sorted = (names: string[]) => [...new Set(names)].sort();

const known: Record<string, string[]> = {
  verb: sorted([...types.matchAll(/verb: ((?:\s*\|?\s*'\w+')+)/g)].flatMap(([, verbs]) => quoted(verbs!))),
  event: sorted(quoted(between('export type OtklikEvent =', 'export type OtklikFields'))),
  get: sorted([...types.matchAll(/what: ([^)]+)\)/g)].flatMap(([, what]) => quoted(what!))),
  setup: sorted(
    [...between('interface OtklikSetup {', '\n}').matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name!),
  ),
};

describe.each(['ru', 'en'] as const)('the page in %s', (lang) => {
  const { html } = textsOf('js')[lang];

  test.each(Object.keys(known))('names every %s of w.d.ts, each once, and none besides', (kind) => {
    const found = [...html.matchAll(/data-kind="(\w+)" data-name="(\w+)"/g)];
    const named = found.filter(([, its]) => its === kind).map(([, , name]) => name!);
    expect(known[kind]!.length).toBeGreaterThan(3);
    expect(named.sort()).toEqual(known[kind]);
  });

  test('examples call only what there is', () => {
    const called = [...html.matchAll(/Chat\((?:'|&#39;)(\w+)/g)].map(([, verb]) => verb!);
    expect(called.length).toBeGreaterThan(5);
    expect(called.filter((verb) => !known.verb!.includes(verb))).toEqual([]);
  });
});
