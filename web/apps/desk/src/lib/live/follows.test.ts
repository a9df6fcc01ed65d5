import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { follows } from './follows';

const DOCS = new URL('../../../../../../docs/API.md', import.meta.url);

/** The kinds of events that the page of the API names. */
function knownKinds(): string[] {
  const found = readFileSync(DOCS, 'utf8').match(/\b[a-z_]+\.(?:created|updated|deleted|changed|read)\b/g);
  return [...new Set(found)].sort();
}

it('follows every kind of event that the server tells, and no other', () => {
  const followed = [...new Set(Object.values(follows).flat())].sort();
  expect(knownKinds().length).toBeGreaterThan(10);
  expect(followed).toEqual(knownKinds());
});

it('names no kind twice for one list', () => {
  for (const kinds of Object.values(follows)) expect(new Set(kinds).size).toBe(kinds.length);
});
