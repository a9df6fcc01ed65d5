import { readFile } from 'node:fs/promises';
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
  await product.api.addPhoneRule();
  const create = (external_id: string, fields: Record<string, string>) => ({
    op: 'create',
    external_id,
    fields,
  });
  const changes = [
    create('anna-1', { name: 'Анна', phone: '+7 912 555-01-01', skype: 'anna' }),
    create('anna-2', { name: 'Анна', phone: '8 912 555 01 01' }),
    create('boris', { name: 'Борис', email: 'boris@fern.example' }),
  ];
  await product.api.project('POST', '/changes', { changes });
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const dialog = () => page().getByRole('dialog');
const rows = () => page().locator('tbody tr');
const rowCount = (count: number) => until(`${count} rows`, async () => (await rows().count()) === count);
const number = async (name: string) =>
  (await dialog().locator('dl div').filter({ hasText: name }).locator('dd').innerText()).trim();

async function exported(names = 'titles', delimiter = 'semicolon'): Promise<string> {
  await page().getByRole('button', { name: ru.clients_export }).click();
  expect(await axeFindings(page())).toEqual([]);
  await dialog().getByLabel(ru.export_names).selectOption(names);
  await dialog().getByLabel(ru.export_delimiter).selectOption(delimiter);
  const [download] = await Promise.all([
    page().waitForEvent('download'),
    dialog().getByRole('button', { name: ru.export_download }).click(),
  ]);
  await page().keyboard.press('Escape');
  await desk.dialogsGone();
  return readFile((await download.path()) ?? '', 'utf8');
}

test('filters live in the address and survive a reload', async () => {
  await desk.goto('/clients');
  await rowCount(3);
  await page().getByLabel(ru.clients_search).fill('борис');
  await rowCount(1);
  expect(new URL(page().url()).searchParams.get('q')).toBe('борис');
  await page().getByRole('button', { name: ru.clear_filters }).click();
  await rowCount(3);
  await page().getByLabel(ru.clients_field, { exact: true }).selectOption('skype');
  await rowCount(1);
  await page().getByLabel(ru.clients_value).fill('никто');
  await page().getByText(ru.list_empty_search).waitFor();
  await page().reload();
  await page().getByText(ru.list_empty_search).waitFor();
  expect(await page().getByLabel(ru.clients_value).inputValue()).toBe('никто');
  expect(await axeFindings(page())).toEqual([]);
});

test('people are shown instead of records, and found by a value of any of them', async () => {
  await desk.goto('/clients');
  await page().getByRole('button', { name: ru.clients_groups }).click();
  const group = page().getByTestId('group');
  await group.getByText('anna-1').waitFor();
  expect(await group.count()).toBe(1);
  await page().getByLabel(ru.clients_search).fill('борис');
  await page().getByText(ru.list_empty_search).waitFor();
  await page().getByLabel(ru.clients_search).fill('анна');
  await group.getByText('anna-2').waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await page().goBack();
  await rowCount(3);
});

test('a table is checked first, refused row by row, then imported', async () => {
  await desk.goto('/clients');
  await rowCount(3);
  await page().getByRole('button', { name: ru.clients_import }).click();
  const table = [
    'external_id;Имя;Мобильный телефон;Баллы',
    'boris;Борис;+7 912 555-02-02;5',
    'vera;Вера;+7 912 555-03-03;7',
    'gleb;=HYPERLINK("x");;9',
    'too;many;cells;in;it',
    'two;"Зоя\nЯна";;3',
  ].join('\n');
  const file = { name: 'clients.csv', mimeType: 'text/csv', buffer: Buffer.from(table) };
  await dialog().locator('input[type=file]').setInputFiles(file);
  const target = (column: string) => dialog().getByLabel(`${ru.import_target}: ${column}`);
  expect(await target('external_id').inputValue()).toBe('external_id');
  expect(await target('Мобильный телефон').inputValue()).toBe('phone');
  expect(await target('Баллы').inputValue()).toBe('');
  expect(await axeFindings(page())).toEqual([]);
  await dialog().getByRole('button', { name: ru.import_check }).click();
  await dialog().getByText(ru.import_checked).waitFor();
  expect([
    await number(ru.import_rows),
    await number(ru.import_created),
    await number(ru.import_refused),
  ]).toEqual(['5', '3', '1']);
  await dialog().getByText(ru.code_wrong_number_of_cells).waitFor();
  expect(await product.api.contacts()).toHaveLength(3);
  await dialog().getByRole('button', { name: 'Загрузить 4 строки' }).click();
  await dialog().getByText(ru.import_done).waitFor();
  await page().keyboard.press('Escape');
  await rows().getByText('Вера').waitFor();
  // What begins like a formula is text here; the export takes care of spreadsheets.
  await rows().getByText('=HYPERLINK("x")').waitFor();
  expect(await product.api.contacts()).toHaveLength(6);
});

test('the export holds the filtered list', async () => {
  await desk.goto('/clients?q=вера');
  await rowCount(1);
  const text = await exported();
  // For people as it comes: titles, and what spreadsheets of Russian open by themselves.
  expect(text.split('\r\n')[0]).toContain(';Имя;');
  expect(text).toContain('vera;');
  expect(text).not.toContain('boris');
});

test('an export comes back by the ids it was written with, and a foreign id is explained', async () => {
  await desk.goto('/clients');
  const written = await exported('keys', 'comma');
  expect(written.split('\r\n')[0]).toContain(',name,');
  const changed = written
    .trim()
    .replace('Борис', 'Борис Ильич')
    .replace(/^anna-2,\w+/m, 'anna-2,nobody');
  await page().getByRole('button', { name: ru.clients_import }).click();
  const file = { name: 'clients.csv', mimeType: 'text/csv', buffer: Buffer.from(changed) };
  await dialog().locator('input[type=file]').setInputFiles(file);
  const target = (column: string) => dialog().getByLabel(`${ru.import_target}: ${column}`);
  expect(await target('id').inputValue()).toBe('id');
  expect(await target('id').locator('option:checked').innerText()).toBe(ru.import_own_id);
  expect(await axeFindings(page())).toEqual([]);
  await dialog().getByRole('button', { name: ru.import_check }).click();
  await dialog().getByText(ru.import_checked).waitFor();
  expect([await number(ru.import_rows), await number(ru.import_refused)]).toEqual(['6', '1']);
  await dialog().getByText(ru.code_unknown_contact).waitFor();
  await page().keyboard.press('Escape');
  await desk.dialogsGone();
  await page().goto(`${product.origin}/clients?q=вера`);
  await rowCount(1);
});

test('a client is deleted by whoever types the name', async () => {
  await page()
    .getByRole('button', { name: ru.clients_actions.replace('{name}', 'Вера') })
    .press('Enter');
  await page().getByRole('menuitem', { name: ru.delete }).click();
  const button = dialog().getByRole('button', { name: ru.delete, exact: true });
  expect(await button.isDisabled()).toBe(true);
  await dialog().getByTestId('typed-name').fill('вера');
  expect(await button.isDisabled()).toBe(true);
  await dialog().getByTestId('typed-name').fill('Вера');
  expect(await axeFindings(page())).toEqual([]);
  await dialog().getByTestId('typed-name').press('Enter');
  await rowCount(0);
  expect(await product.api.contacts()).toHaveLength(5);
});

test('a client whose name is typed is erased with every record, and the counts are told', async () => {
  await page().getByRole('button', { name: ru.clear_filters }).first().click();
  await rowCount(5);
  await page()
    .getByRole('button', { name: ru.clients_actions.replace('{name}', 'Анна') })
    .first()
    .press('Enter');
  await page().getByRole('menuitem', { name: ru.erase_menu }).click();
  await dialog().getByText('И ещё 1 запись этого же клиента').waitFor();
  expect(await axeFindings(page())).toEqual([]);
  expect(await dialog().getByRole('button', { name: ru.erase_action, exact: true }).isDisabled()).toBe(true);
  await dialog().getByTestId('typed-name').fill('Анна');
  await dialog().getByRole('button', { name: ru.erase_action, exact: true }).click();
  await dialog().getByText(ru.erase_done).waitFor();
  expect(await number(ru.erase_contacts)).toBe('2');
  await dialog().getByRole('button', { name: ru.close }).last().click();
  await rowCount(3);
  expect(await product.api.contacts()).toHaveLength(3);
});
