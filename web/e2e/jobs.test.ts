import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';

let product: Product;
let browser: Browser;
let operator: Watched;
let desk: Desk;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(operator?.faults).toEqual([]);
});

/** So many that the work is still under way after a reload; every row has a phone of its own. */
const ROWS = 200_000;
const page = () => desk.page;
const dialog = () => page().getByRole('dialog');
const bar = () => page().getByTestId('import-bar');
const stopButton = (place = bar()) => place.getByRole('button', { name: ru.job_cancel, exact: true });

interface Job {
  id: string;
  kind: string;
  state: string;
}
const jobs = async (kind: string) =>
  (await product.api.project<{ items: Job[] }>('GET', `/jobs?kind=${kind}`)).items;
const settled = (kind: string) =>
  until(`the last ${kind} to end`, async () => {
    const [last] = await jobs(kind);
    return last && !['waiting', 'running'].includes(last.state) && last;
  });

function table(prefix: string, rows = ROWS): string {
  const lines = Array.from({ length: rows }, (_, n) => `${prefix}-${n},+7912${String(n).padStart(7, '0')}`);
  return ['external_id,phone', ...lines].join('\n');
}

/** As a program, or a colleague on another screen, begins an import. */
async function beginElsewhere(prefix: string): Promise<Job> {
  const path = `${product.origin}/api/v1/projects/${product.made.project_id}/contacts/import`;
  const headers = { Authorization: `Bearer ${product.made.api_key}`, 'Content-Type': 'text/csv' };
  const answer = await fetch(path, { method: 'POST', headers, body: table(prefix) });
  return (await answer.json()) as Job;
}

async function choose(text: string) {
  await page().getByRole('button', { name: ru.clients_import }).click();
  const file = { name: 'clients.csv', mimeType: 'text/csv', buffer: Buffer.from(text) };
  await dialog().locator('input[type=file]').setInputFiles(file);
}

test('an import goes on without its dialog and through a reload, and is stopped from the bar', async () => {
  await desk.goto('/clients');
  await choose(table('a'));
  await dialog().getByRole('button', { name: ru.import_check }).click();
  await dialog().getByText(ru.import_checking, { exact: false }).first().waitFor();
  // A reload before the table has arrived would only cut the upload off.
  await until('the check to be known', () =>
    page().evaluate(() => Object.keys(localStorage).some((key) => key.startsWith('otklik.import.'))),
  );
  await page().reload();
  // It is still called a check: nothing is being imported.
  await bar().getByText(ru.import_checking).waitFor();
  await bar().getByRole('button', { name: ru.import_details }).click();
  await dialog().getByRole('progressbar').waitFor();
  expect(await bar().count()).toBe(0);
  expect(await axeFindings(page())).toEqual([]);
  await stopButton(dialog()).click();
  await dialog().getByText(ru.import_check_stopped).waitFor();
  await page().keyboard.press('Escape');
  await desk.dialogsGone();
  expect(await bar().count()).toBe(0);
  expect((await settled('import')).state).toBe('cancelled');
});

test('a check that ended without its dialog is read there, and then the table is imported', async () => {
  await choose(table('b', 300));
  await dialog().getByRole('button', { name: ru.import_check }).click();
  await page().keyboard.press('Escape');
  await bar().getByText(ru.import_bar_checked.replace('{taken}', '300').replace('{refused}', '0')).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await bar().getByRole('button', { name: ru.import_result }).click();
  await dialog().getByText(ru.import_checked).waitFor();
  await dialog().getByRole('button', { name: 'Загрузить 300 строк' }).click();
  await dialog().getByText(ru.import_done).waitFor();
  await page().keyboard.press('Escape');
  await page().locator('tbody tr').first().waitFor();
});

test('an import begun elsewhere shows on an open page, and its result too', async () => {
  const job = await beginElsewhere('c');
  await bar().getByText(ru.import_working).waitFor();
  await page().reload();
  await bar().getByText(ru.import_working).waitFor();
  await stopButton().click();
  await bar().getByText(ru.import_work_stopped).waitFor();
  await bar().getByRole('button', { name: ru.import_result }).click();
  await dialog().getByText(ru.import_rows, { exact: true }).waitFor();
  await dialog().getByRole('button', { name: ru.close }).last().click();
  await desk.dialogsGone();
  expect(await bar().count()).toBe(0);
  expect((await settled('import')).id).toBe(job.id);
});

test('rules that are being applied are followed after a reload', async () => {
  const rulesPage = () => desk.settings(product.made.project_id, 'multi-contacts');
  const cancel = () => page().getByRole('button', { name: ru.job_cancel, exact: true });
  const apply = (fields: string[]) =>
    product.api.project<Job>('POST', '/multi-contact-rules/apply', { rules: [{ fields, mode: 'at_once' }] });
  // Jobs of a project run one after another: this one waits while clients are imported.
  const before = await beginElsewhere('d');
  await apply(['phone']);
  await rulesPage();
  await page().getByRole('status').getByText(ru.job_waiting).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await page().reload();
  await cancel().click();
  await page().getByText(ru.job_cancelled).waitFor();
  await cancel().waitFor({ state: 'hidden' });
  await apply(['email']);
  await page().reload();
  await page().getByRole('status').getByText(ru.job_waiting).waitFor();
  await product.api.project('POST', `/jobs/${before.id}/cancel`);
  await page().getByText('Правила работают.').waitFor();
  await until('the rule to be shown', async () => (await page().getByTestId('rule').count()) === 1);
});
