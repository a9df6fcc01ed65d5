import type { Rule, Situation } from '@otklik/site-rules';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { atRest, questions } from '../src/rules/rehearsal';

let passed = 0;
/** Who waits for the page to rest. */
const waiting: (() => void)[] = [];

beforeEach(() => {
  vi.stubGlobal('window', {});
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('performance', { now: () => passed });
  vi.stubGlobal('setTimeout', (act: () => void) => waiting.push(act));
});

afterEach(() => vi.unstubAllGlobals());

/** Work in pieces that take so long. */
function* work(pieces: number[], done: number[]) {
  for (const ms of pieces) {
    passed += ms;
    yield done.push(ms);
  }
}

/** The page rests once. */
async function rest() {
  waiting.shift()!();
  await Promise.resolve();
}

it('does long pieces one by one, short ones together', async () => {
  const done: number[] = [];
  const all = atRest(work([2, 0.2, 0.2, 0.2, 3], done), new AbortController().signal);
  expect(done).toEqual([]);
  await rest();
  expect(done).toEqual([2]);
  await rest();
  expect(done).toEqual([2, 0.2, 0.2, 0.2, 3]);
  await rest();
  await all;
});

it('waits for nothing where nobody looks, and does nothing after the end', async () => {
  vi.stubGlobal('document', { hidden: true });
  const ending = new AbortController();
  const done: number[] = [];
  function* ended() {
    yield* work([1], done);
    yield ending.abort();
    yield* work([2], done);
  }
  await atRest(ended(), ending.signal);
  expect(done).toEqual([1]);
});

it('asks every kind of condition, then every rule, which notes what decides', () => {
  const when = (tag: string): Rule['when'] => ({
    all: [
      ['visits', 'ge', 1],
      ['tag', 'eq', [tag]],
    ],
  });
  const rules = ['a', 'b'].map((id): Rule => ({ id, start: 'page', when: when(id), do: [] }));
  const set = { zone: [] as [], rules };
  const facts = { visits: 1, tag: ['c'] };
  // Two kinds and two rules.
  expect([...questions({ set, facts, now: 0, shown: [] } satisfies Situation)]).toHaveLength(4);
  expect(rules.map((rule) => (rule.when as { first?: number }).first)).toEqual([1, 1]);
});
