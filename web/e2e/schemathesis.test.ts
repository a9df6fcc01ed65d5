import { afterAll, beforeAll, expect, test } from 'vitest';
import { Product, OWNER } from './support/product';
import { mustHavePython, runPython } from './support/python';

let product: Product;

beforeAll(async () => {
  await mustHavePython('schemathesis');
  product = await Product.start();
});

afterAll(() => product?.stop());

/** A pupil of the description: it asks what the schemas allow and what they forbid, and judges every answer. */
async function judged(headers: Record<string, string>, more: string[] = []): Promise<string> {
  const sent = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const options = [
    ...[
      '-m',
      'schemathesis.cli',
      'run',
      `${product.origin}/api/v1/openapi.json`,
      '--url',
      product.origin,
      ...sent,
    ],
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '8', '--seed', '1', '--checks', 'all'],
    // What a schema cannot say (a phone that nobody can call) may be refused with 422.
    ...['--exclude-checks', 'positive_data_acceptance', '--continue-on-failure', '--no-color', ...more],
  ];
  // It keeps notes where it runs.
  const judge = runPython('schemathesis', options, {}, product.folder);
  const code = await judge.exitCode();
  expect(code, judge.output.slice(-6_000)).toBe(0);
  return judge.output;
}

test('no answer to a key is an error of ours or undocumented', { timeout: 900_000 }, async () => {
  const output = await judged({ Authorization: `Bearer ${product.made.api_key}` });
  expect(Number(/Tested: (\d+)/.exec(output)?.[1])).toBeGreaterThan(80);
});

test('no answer to an owner is an error of ours or undocumented', { timeout: 900_000 }, async () => {
  const answer = await fetch(`${product.origin}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: OWNER.email, password: OWNER.password }),
  });
  const { csrf } = (await answer.json()) as { csrf: string };
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
  // Signing out would end it all.
  await judged({ Cookie: cookie, 'X-Otklik-CSRF': csrf }, ['--exclude-path-regex', '/api/v1/sessions?$']);
});
