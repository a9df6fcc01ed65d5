/** Types of the contract: what openapi.json says, and the frames of the sockets out of asyncapi.json. */

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import openapiTS, { astToString, COMMENT_HEADER, type OpenAPI3 } from 'openapi-typescript';

type Described = OpenAPI3 & { components: { schemas: Record<string, unknown> } };

function description(name: string): Described {
  const path = new URL(`../../../../${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8')) as Described;
}

/** The text of `src/generated.ts`. */
export async function contractTypes(): Promise<string> {
  const http = description('openapi');
  const frames = description('asyncapi').components.schemas;
  const known = http.components.schemas;
  for (const [name, schema] of Object.entries(frames)) {
    if (!(name in known) || isDeepStrictEqual(known[name], schema)) continue;
    throw new Error(`${name} is one thing in openapi.json and another in asyncapi.json`);
  }
  const schemas = Object.fromEntries(
    Object.entries({ ...known, ...frames }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const whole = { ...http, components: { ...http.components, schemas } } as OpenAPI3;
  return COMMENT_HEADER + astToString(await openapiTS(whole, { emptyObjectsUnknown: true }));
}
