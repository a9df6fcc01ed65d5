import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { Product } from './support/product';
import { runPython } from './support/python';
import { until } from './support/wait';

/** Real data of others, imported and joined as a user would do it (multi-contacts.md section 7). */
let folder: string;
let product: Product;

interface Job {
  id: string;
  state: string;
  result: { rows: number; created: number; refused: number; reasons: unknown[] };
}

interface Page {
  items: { contacts: { external_id: string }[] }[];
  next_cursor: string | null;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otklik-datasets-'));
  const fetching = runPython('datasets', [resolve(import.meta.dirname, 'judges/datasets.py'), folder]);
  if ((await fetching.exitCode()) !== 0) throw new Error(`no data sets: ${fetching.output}`);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  product = await Product.start();
});

afterEach(() => product.stop());

async function imports(file: string, mapping: Record<string, string>, prefix = ''): Promise<Job['result']> {
  const table = prefixed(await readFile(join(folder, file), 'utf8'), prefix);
  const query = new URLSearchParams({ mapping: JSON.stringify(mapping) });
  const path = `/api/v1/projects/${product.made.project_id}/contacts/import?${query}`;
  const answer = await fetch(product.origin + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${product.made.api_key}`, 'Content-Type': 'text/csv' },
    body: table,
  });
  const started = (await answer.json()) as Job;
  expect(answer.status, JSON.stringify(started)).toBe(202);
  const ended = await until('the import to end', async () => {
    const job = await product.api.project<Job>('GET', `/jobs/${started.id}`);
    return job.state === 'waiting' || job.state === 'running' ? undefined : job;
  });
  expect(ended.state).toBe('done');
  return ended.result;
}

/** Two lists number their rows alike: the first cell says which list it is. */
function prefixed(table: string, prefix: string): string {
  const [header, ...rows] = table.split('\n');
  return [header, ...rows.map((row) => (row.trim() ? prefix + row : row))].join('\n');
}

async function groups(): Promise<string[][]> {
  const all: string[][] = [];
  let cursor: string | null = null;
  do {
    const query: string = '?min_size=2&limit=200' + (cursor ? `&cursor=${encodeURIComponent(cursor)}` : '');
    const page: Page = await product.api.project<Page>('GET', `/multi-contacts${query}`);
    all.push(...page.items.map((group) => group.contacts.map((contact) => contact.external_id)));
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}

function pairs(groups: string[][]): Set<string> {
  const found = new Set<string>();
  for (const group of groups) {
    const names = [...group].sort();
    names.forEach((a, at) => names.slice(at + 1).forEach((b) => found.add(`${a} = ${b}`)));
  }
  return found;
}

function judged(found: Set<string>, truth: Set<string>) {
  const right = [...found].filter((pair) => truth.has(pair)).length;
  return { precision: right / found.size, recall: right / truth.size };
}

test('FEBRL 1: one rule finds 90 % of the duplicates, two find 94 %, and neither is ever wrong', async () => {
  for (const key of ['given_name', 'surname', 'date_of_birth', 'soc_sec_id']) {
    await product.api.project('POST', '/fields', { key, title: key, kind: 'id' });
  }
  const mapping = {
    rec_id: 'external_id',
    given_name: 'given_name',
    surname: 'surname',
    date_of_birth: 'date_of_birth',
    soc_sec_id: 'soc_sec_id',
  };
  const result = await imports('febrl1.csv', mapping);
  expect(result).toMatchObject({ rows: 1000, created: 1000, refused: 0, reasons: [] });
  const rows = (await readFile(join(folder, 'febrl1.csv'), 'utf8')).trim().split('\n').slice(1);
  const people = new Map<string, string[]>();
  for (const name of rows.map((row) => row.split(',')[0]!.trim())) {
    const person = name.split('-')[1]!;
    people.set(person, [...(people.get(person) ?? []), name]);
  }
  const truth = pairs([...people.values()]);
  expect(truth.size).toBe(500);

  await product.api.project('POST', '/multi-contact-rules', { fields: ['soc_sec_id'] });
  const one = judged(pairs(await groups()), truth);
  expect(one.precision).toBe(1);
  expect(one.recall).toBeCloseTo(0.9, 3);

  const second = { fields: ['given_name', 'surname', 'date_of_birth'] };
  await product.api.project('POST', '/multi-contact-rules', second);
  const two = judged(pairs(await groups()), truth);
  expect(two.precision).toBe(1);
  expect(two.recall).toBeCloseTo(0.942, 3);
});

test('Fodors and Zagats: the phone rule finds 115 pairs, 108 of the 112 true ones', async () => {
  for (const [file, prefix] of [
    ['fodors.csv', 'f'],
    ['zagats.csv', 'z'],
  ] as const) {
    const result = await imports(file, { id: 'external_id', name: 'name', phone: 'phone' }, prefix);
    expect(result.refused, JSON.stringify(result.reasons)).toBe(0);
  }
  await product.api.project('POST', '/multi-contact-rules', { fields: ['phone'] });
  const across = new Set([...pairs(await groups())].filter((pair) => /^f.* = z/.test(pair)));
  expect(across.size).toBe(115);
  const matches = (await readFile(join(folder, 'matches.csv'), 'utf8')).trim().split('\n').slice(1);
  const truth = new Set(matches.map((line) => line.trim().split(',')).map(([f, z]) => `f${f} = z${z}`));
  expect(truth.size).toBe(112);
  expect([...across].filter((pair) => truth.has(pair)).length).toBe(108);
});
