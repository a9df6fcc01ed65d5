import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';

const PYTHON = process.env.OTKLIK_PYTHON ?? 'python3';
const run = promisify(execFile);

let product: Product;
let browser: Browser;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** What Python's own library makes of it: every entry is read and its checksum judged. */
async function unzipped(file: string): Promise<Record<string, string>> {
  const program = `
import json, sys, zipfile
whole = zipfile.ZipFile(sys.argv[1])
assert whole.testzip() is None
print(json.dumps({name: whole.read(name).decode('utf-8', 'replace') for name in whole.namelist()}))`;
  const { stdout } = await run(PYTHON, ['-c', program, file], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Record<string, string>;
}

test('everything about a client is downloaded from the page of the client', async () => {
  const fields = { name: 'Ольга Вершинина', phone: '+7 922 555-07-19' };
  const made = await product.api.project<{ id: string }>('POST', '/contacts', {
    channel: 'api',
    external_id: 'olga',
    fields,
  });
  await product.api.project('POST', '/contacts', {
    channel: 'api',
    external_id: 'petr',
    fields: { name: 'Пётр' },
  });
  const { page, context, faults } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.goto(`/clients/${made.id}`);
  await page.getByRole('button', { name: ru.client_export, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(ru.client_export_text).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: ru.client_export_action }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('Ольга Вершинина.zip');
  const documents = await unzipped(await download.path());
  expect(Object.keys(documents)).toContain('about.json');
  expect(JSON.parse(documents['about.json']!)).toMatchObject({ contact_ids: [made.id], whole_client: true });
  const values = JSON.parse(documents['field-values.json']!) as { value: string }[];
  expect(values.map(({ value }) => value)).toContain('Ольга Вершинина');
  expect(Object.values(documents).join()).not.toContain('Пётр');
  await dialog.waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
  await context.close();
});
