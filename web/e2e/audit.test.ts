import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';

let product: Product;
let browser: Browser;
let owner: Watched;
let desk: Desk;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  owner = await newPerson(browser);
  desk = new Desk(owner.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(owner?.faults).toEqual([]);
});

const path = () => `/projects/${product.made.project_id}/settings/audit`;
const lines = () => desk.page.getByTestId('audit-line');

test('the log tells who did what, from where, and what was refused', async () => {
  for (let n = 0; n < 60; n += 1) await product.api.call('POST', '/projects', { name: `Проект ${n}` });
  await desk.goto(`/projects/${product.made.project_id}/settings/team`);
  await desk.page.getByRole('link', { name: ru.set_audit, exact: true }).click();
  await lines().first().waitFor();
  expect(await lines().count()).toBe(50);
  await desk.page.getByRole('button', { name: ru.values_more }).click();
  const signIn = lines().filter({ hasText: ru.audit_sign_in });
  await signIn.waitFor();
  expect(await signIn.innerText()).toContain('127.0.0.1');
  expect(await lines().filter({ hasText: ru.audit_by_key }).count()).toBe(60);

  const saved = desk.page.waitForEvent('download');
  await desk.page.getByRole('button', { name: ru.audit_export }).click();
  expect((await saved).suggestedFilename()).toBe('audit-log.ndjson');
});

test('an empty, a failed and a refused log say so', async () => {
  const answers = [
    { status: 200, body: { items: [], next_cursor: null }, words: ru.audit_empty },
    { status: 500, body: { code: 'internal' }, words: ru.error_title },
    { status: 403, body: { code: 'forbidden' }, words: ru.no_access },
  ];
  for (const { status, body, words } of answers) {
    await desk.page.route('**/api/v1/audit-log?*', (route) =>
      route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) }),
    );
    await desk.goto(path());
    await desk.page.getByText(words, { exact: true }).waitFor();
    await desk.page.unroute('**/api/v1/audit-log?*');
  }
});
