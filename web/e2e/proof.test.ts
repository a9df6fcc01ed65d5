import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { OWNER, Product } from './support/product';
import { runPython } from './support/python';

let product: Product;
let browser: Browser;
let owner: Watched;
let desk: Desk;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const create = { op: 'create', external_id: 'a', fields: { name: 'Ирина Фёдорова' } };
  await product.api.project('POST', '/changes', { changes: [create] });
  owner = await newPerson(browser);
  desk = new Desk(owner.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(owner?.faults).toEqual([]);
});

const question = () => desk.page.getByTestId('proof');
const exportButton = () => desk.page.getByRole('button', { name: ru.export_download });
const openExport = () => desk.page.getByRole('button', { name: ru.clients_export }).click();

/** Nobody waits a quarter of an hour here. */
async function signedInLongAgo() {
  const change = `import sqlite3; db = sqlite3.connect('${join(product.folder, 'otklik.db')}', timeout=20); db.execute('UPDATE sessions SET proven_at = 0'); db.commit()`;
  const done = runPython('ageing the sessions', ['-c', change]);
  if ((await done.exitCode()) !== 0) throw new Error(done.output);
}

async function give(password: string) {
  await question().locator('input[type=password]').fill(password);
  await question().getByRole('button', { name: ru.proof_action }).click();
}

test('an export asks a screen that was left open for the password, and goes on by itself', async () => {
  await desk.goto('/clients');
  const asked: string[] = [];
  desk.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await openExport();
  await signedInLongAgo();
  await exportButton().click();
  await question().waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
  await give('not my password');
  await question().getByText(ru.proof_wrong).waitFor();
  const saved = desk.page.waitForEvent('download');
  await give(OWNER.password);
  expect((await saved).suggestedFilename()).toBe('clients.csv');
  await question().waitFor({ state: 'detached' });
  // For a while it is not asked again.
  const again = desk.page.waitForEvent('download');
  await exportButton().click();
  await again;
});

test('whoever thinks better of it exports nothing, and the page says why', async () => {
  await desk.goto('/clients');
  await openExport();
  await signedInLongAgo();
  await exportButton().click();
  await question().waitFor();
  await desk.page.keyboard.press('Escape');
  await desk.page.getByText(ru.problem_prove_first).waitFor();
});

test('erasing asks over its own dialog, and erases when the password was given', async () => {
  await desk.goto('/clients');
  await signedInLongAgo();
  await desk.page.getByRole('row').filter({ hasText: 'Ирина Фёдорова' }).getByRole('button').last().click();
  await desk.page.getByRole('menuitem', { name: ru.erase_menu }).click();
  const dialog = desk.page.getByRole('dialog').first();
  await dialog.getByRole('textbox').fill('Ирина Фёдорова');
  await dialog.getByRole('button', { name: ru.erase_action, exact: true }).click();
  await question().waitFor();
  await give(OWNER.password);
  await desk.page.getByText(ru.erase_done).waitFor();
  expect(await product.api.contacts()).toEqual([]);
});
