import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { phoneRuns } from './support/phone-runs';
import { Product } from './support/product';
import { until } from './support/wait';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let owner: Watched;
let page: Page;
let scenario: string;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  ({ scenario } = await phoneRuns(product, fake));
  owner = await newPerson(browser, { width: 1280, height: 800 });
  page = owner.page;
  await new Desk(page, product.origin).signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(owner?.faults).toEqual([]);
});

const path = () => `${product.origin}/projects/${product.made.project_id}/scenarios/${scenario}/report`;
const card = (title: string) => page.getByTestId('report-card').filter({ hasText: title });
const launches = () => page.getByTestId('launches').textContent();
const press = (key: string) => page.keyboard.press(key);
const pick = (name: string) => page.getByRole('combobox', { name });

/** What the keyboard is on, by its name. */
const focused = () =>
  page.evaluate(() => {
    const one = document.activeElement;
    return one?.getAttribute('aria-label') ?? one?.textContent?.trim() ?? '';
  });

/** Tab until the keyboard is on a thing of this name. */
async function tabTo(name: string | RegExp) {
  for (let step = 0; step < 60; step += 1) {
    await press('Tab');
    const now = await focused();
    if (typeof name === 'string' ? now === name : name.test(now)) return;
  }
  throw new Error(`no way by Tab to ${String(name)}; the keyboard is on "${await focused()}"`);
}

const hasFocus = (name: string) => until(`the keyboard on "${name}"`, async () => (await focused()) === name);

describe('by keys alone', () => {
  test('the report is opened from the list', async () => {
    await page.goto(`${product.origin}/projects/${product.made.project_id}/settings/scenarios`);
    await page.locator('[data-scenario]').first().waitFor();
    await tabTo(`${ru.more}: Сбор телефона`);
    await press('Enter');
    const item = page.getByRole('menuitem', { name: ru.rep_title });
    await item.waitFor();
    for (let step = 0; step < 6; step += 1) {
      if ((await focused()) === ru.rep_title) break;
      await press('ArrowDown');
    }
    await press('Enter');
    await card('Спросить телефон').waitFor();
    expect(await launches()).toBe('7');
  });

  test('arrows go from block to block', async () => {
    await tabTo(said(ru.scn_start, 7));
    for (const [key, title, count] of [
      ['ArrowRight', 'Проверка поля', 7],
      ['ArrowRight', 'Спросить телефон', 7],
      ['ArrowDown', 'Знакомый', 0],
      ['ArrowRight', 'Без номера', 1],
      ['ArrowUp', 'Удобное время', 2],
      ['ArrowLeft', 'Спросить телефон', 7],
    ] as const) {
      await press(key);
      await hasFocus(said(title, count));
    }
    await page.getByText(ru.rep_legend_keys).waitFor();
  });

  test('Enter shows the recipients of a block, Escape brings the keyboard back to it', async () => {
    await press('Enter');
    const dialog = page.getByRole('dialog', { name: ru.rep_people_count.replace('{count}', '7') });
    await dialog.getByTestId('recipients').waitFor();
    await press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await hasFocus(said('Спросить телефон', 7));
  });

  test('Tab reaches the numbers of the block, and each opens those it counts', async () => {
    await tabTo(/Клиент ответил некорректно.*показать получателей/);
    const number = await focused();
    await press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('heading', { name: ru.rep_people_count.replace('{count}', '1') }).waitFor();
    const rows = dialog.getByTestId('recipients').getByRole('listitem');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(1);
    expect(await rows.first().textContent()).toMatch(/Пётр.*а зачем\?/s);
    await tabTo(/^Ждём/);
    await press('Space');
    await dialog.getByRole('heading', { name: ru.rep_people_count.replace('{count}', '2') }).waitFor();
    await until('those who wait', async () => (await rows.count()) === 2);
    expect((await rows.allTextContents()).join()).toMatch(/Зоя.*Вера/s);
    await press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await hasFocus(number);
  });

  test('the table, and its numbers as CSV', async () => {
    await page.locator('h1').click();
    await tabTo(ru.rep_table);
    await press('Enter');
    const table = page.getByTestId('report-table');
    await table.waitFor();
    const row = table.getByRole('row').filter({ hasText: 'Спросить телефон' });
    const cells = await row.getByRole('cell').allInnerTexts();
    expect(cells.map((cell) => cell.trim().replace(/\s+/g, ' '))).toEqual([
      '7',
      '7',
      'Клиент ответил 2 Клиент ответил некорректно 1',
      '1',
      '2',
      '2',
    ]);
    await tabTo('CSV');
    const [download] = await Promise.all([page.waitForEvent('download'), press('Enter')]);
    expect(download.suggestedFilename()).toBe('Сбор телефона.csv');
    const lines = (await readFile((await download.path())!, 'utf8')).split('\r\n');
    expect(lines[0]).toContain(ru.rep_exits);
    const asked = lines.filter((line) => line.includes('Спросить телефон'));
    expect(asked).toEqual([
      '"Спросить телефон","7","7","1","2","2","Клиент ответил","2"',
      '"Спросить телефон","7","7","1","2","2","Клиент ответил некорректно","1"',
    ]);
  });

  test('the period', async () => {
    const period = pick(ru.rep_period);
    await period.focus();
    await press('ArrowDown');
    expect(await period.inputValue()).toBe('week');
    await until('the week', async () => (await launches()) === '7');
    await period.focus();
    await press('End');
    expect(await period.inputValue()).toBe('own');
    const last = page.getByLabel(ru.rep_to, { exact: true });
    await last.focus();
    await page.keyboard.type('01012020');
    await page.getByText(ru.rep_backwards).waitFor();
    await page.getByLabel(ru.rep_from, { exact: true }).focus();
    await page.keyboard.type('01012019');
    await page.getByText(ru.rep_none_filtered).waitFor();
    expect(await launches()).toBe('0');
    await tabTo(ru.clear_filters);
    await press('Enter');
    await until('all of them', async () => (await launches()) === '7');
  });
});

describe('what the page says', () => {
  beforeEach(async () => {
    await page.goto(path());
    await card('Спросить телефон').waitFor();
  });

  test('where most left, in words, on the scheme and under the filters', async () => {
    const words = (await page.getByTestId('worst').textContent())?.replace(/\s+/g, ' ');
    expect(words).toContain('Спросить телефон ушли 2 из 7, 29 %');
    await card('Спросить телефон').locator('..').getByTestId('worst-here').getByText('29 %').waitFor();
    expect(await page.getByTestId('worst-here').count()).toBe(1);
  });

  test('the filter of channels counts the runs of one', async () => {
    await pick(ru.rep_channel).selectOption({ label: 'Вторая лавка' });
    await until('one run', async () => (await launches()) === '1');
    await card('Спросить телефон').locator('.number').click();
    const rows = page.getByTestId('recipients').getByRole('listitem');
    await rows.first().waitFor();
    expect(await rows.allTextContents()).toHaveLength(1);
    expect(await rows.first().textContent()).toContain('Зоя');
    await press('Escape');
    await page.reload();
    await until('one run after a reload', async () => (await launches()) === '1');
  });

  test('numbers that could not be renewed are called the earlier ones', async () => {
    await page.route('**/report?*version=1*', (route) => route.abort());
    await pick(ru.rep_version).selectOption('1');
    await page.getByText(ru.rep_stale).waitFor();
    expect(await launches()).toBe('7');
    await page.unroute('**/report?*version=1*');
    await page.getByRole('button', { name: ru.retry }).click();
    await page.getByText(ru.rep_stale).waitFor({ state: 'detached' });
  });

  test('a scenario that nobody has launched is said to be one', async () => {
    const { api } = product;
    const settings = { text: 'Привет' };
    const block = { id: 'b1', type: 'message', title: 'Привет', pos: [0, 0], settings };
    const launch = [{ kind: 'keyword', words: ['никто'], to: 'b1' }];
    const document = { schema: 1, launch, blocks: [block], edges: [] };
    const { id } = await api.project<{ id: string }>('POST', '/scenarios', { name: 'Новый', document });
    await page.goto(path().replace(scenario, id));
    await page.getByText(ru.rep_unpublished, { exact: true }).waitFor();
    const editor = page.getByRole('link', { name: ru.rep_open_editor });
    expect(await editor.getAttribute('href')).toMatch(new RegExp(`/scenarios/${id}$`));
    await api.project('POST', `/scenarios/${id}/publish`, { revision: 1 });
    await page.reload();
    await page.getByText(ru.rep_none, { exact: true }).waitFor();
    expect(await card('Привет').locator('.number').isDisabled()).toBe(true);
  });
});

test('a page of its own that cannot be shown leads back to its list', async () => {
  const project = `${product.origin}/projects/${product.made.project_id}`;
  const gone = ['scn', 'mlg'].map((kind) => `${kind}_${'0'.repeat(32)}`);
  for (const [address, list, words] of [
    [`scenarios/${gone[0]}`, 'scenarios', ru.scn_back],
    [`scenarios/${gone[0]}/report`, 'scenarios', ru.scn_back],
    [`mailings/${gone[1]}`, 'mailings', ru.mailing_back],
  ]) {
    await page.goto(`${project}/${address}`);
    await page.getByText(ru.error_title).waitFor();
    await page.getByRole('link', { name: words }).click();
    await page.waitForURL(`${project}/settings/${list}`);
  }
});

function said(title: string, count: number): string {
  return ru.rep_card.replace('{title}', title).replace('{count}', String(count));
}
