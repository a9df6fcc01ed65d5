import { readFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, it } from 'vitest';

it('has the types of the committed description (npm run generate)', async () => {
  const description = new URL('../../../../openapi.json', import.meta.url);
  const types = COMMENT_HEADER + astToString(await openapiTS(description, { emptyObjectsUnknown: true }));
  const committed = readFileSync(new URL('../src/generated.ts', import.meta.url), 'utf8');
  expect(committed === types).toBe(true);
}, 60_000);
