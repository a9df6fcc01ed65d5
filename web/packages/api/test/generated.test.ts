import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contractTypes } from './contractTypes';

it('has the types of the committed descriptions (npm run generate)', async () => {
  const path = new URL('../src/generated.ts', import.meta.url);
  const types = await contractTypes();
  if (process.env.OTKLIK_WRITE_GENERATED === '1') writeFileSync(path, types);
  expect(readFileSync(path, 'utf8') === types).toBe(true);
}, 60_000);
