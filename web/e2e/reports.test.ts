import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { withConfig } from './support/appearance';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

const BORIS = { email: 'boris@fern.example', name: 'Борис Ёлкин', password: 'moss-and-fern-43' };

interface Numbers {
  conversations: number;
  missed: number;
  rated: number;
  answered: number;
}

let product: Product;
let browser: Browser;
let host: HostPage;
let lead: Watched;
let desk: Desk;

const total = async () =>
  (await product.api.project<{ total: Numbers }>('GET', '/reports/conversations')).total;

/** A visitor of the site who asks; answers the conversation. */
async function asks(text: string): Promise<{ widget: Widget; id: string }> {
  const visitor = await newPerson(browser);
  await withConfig(visitor.page, { rating: true });
  await visitor.page.goto(host.url);
  const widget = new Widget(visitor.page);
  await widget.open();
  await widget.say(text);
  return { widget, id: (await product.api.conversationWith(text)).id };
}

const close = (id: string) => product.api.project('POST', `/conversations/${id}/close`, {});

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  await product.api.addColleague(BORIS);
  lead = await newPerson(browser);
  desk = new Desk(lead.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  expect(lead?.faults).toEqual([]);
});

test('nothing is counted before anybody writes, and the pages say so', async () => {
  await desk.settings(product.made.project_id, 'reports');
  await desk.page.getByText(ru.stat_empty).waitFor();
  await desk.page.getByText(ru.stat_rule, { exact: true }).waitFor();
  await desk.settings(product.made.project_id, 'now');
  await desk.page.getByTestId('board-people').waitFor();
  await desk.page.getByTestId('board-numbers').getByText(ru.board_nobody_waits).waitFor();
});

test('who waits comes to the board by itself, and opens', async () => {
  const { widget, id } = await asks('Есть лампы?');
  const queue = desk.page.getByTestId('board-queue');
  await queue.getByRole('link').waitFor();
  expect(await queue.getByRole('link').count()).toBe(1);
  await queue.getByRole('link').click();
  await desk.composer.waitFor();
  expect(new URL(desk.page.url()).pathname).toBe(`/inbox/${id}`);
  await desk.say('Есть, тёплые');
  await widget.bubble('Есть, тёплые').waitFor();
  await close(id);
  await widget.page.getByRole('radio', { name: '4 из 5' }).check({ force: true });
  await widget.page.getByRole('button', { name: 'Отправить' }).last().click();
  await widget.page.getByText('Спасибо за оценку').waitFor();
  await desk.settings(product.made.project_id, 'now');
  await desk.page.getByTestId('board-numbers').getByText(ru.board_nobody_waits).waitFor();
});

test('an answered, a missed and a waiting one are counted; every number opens its conversations', async () => {
  const missed = await asks('Никто не ответит');
  await close(missed.id);
  await asks('Ещё жду');
  await until('all to be counted', async () => {
    const { conversations, missed: lost, rated, answered } = await total();
    return conversations === 3 && lost === 1 && rated === 1 && answered === 1;
  });
  await desk.settings(product.made.project_id, 'reports');
  const rows = desk.page.getByTestId('report-table').locator('tbody tr');
  await rows.first().waitFor();
  expect(await rows.count()).toBe(2);
  const names = await desk.page.getByTestId('report-table').locator('thead th').allInnerTexts();
  const counted = [
    ru.stat_conversations,
    ru.stat_asked,
    ru.stat_answered,
    ru.stat_missed,
    ru.stat_closed,
    ru.stat_rated,
  ];
  const links = desk.page.getByTestId('report-table').locator('tbody a');
  const opened: number[] = [];
  for (let at = 0; at < (await links.count()); at += 1) {
    const link = links.nth(at);
    const text = await link.innerText();
    const column = await link.evaluate((node) => node.closest('td')?.cellIndex ?? -1);
    await link.click();
    const listed = desk.page.getByTestId('reported').locator('tbody tr');
    await listed.first().waitFor();
    // Times, averages and numbers of messages open what they are of; the others say how many they open.
    if (counted.includes(names[column] ?? '')) expect(await listed.count()).toBe(Number(text));
    opened.push(await listed.count());
    await desk.page.goBack();
    await rows.first().waitFor();
  }
  expect(opened.length).toBeGreaterThan(10);
  const numbers = desk.page.getByTestId('numbers');
  await numbers.getByRole('link', { name: '1', exact: true }).nth(1).click();
  await desk.page.getByText(ru.stat_missed_closed).waitFor();
  await desk.page.getByTestId('reported').getByRole('link').first().click();
  await desk.composer.waitFor();
  expect(new URL(desk.page.url()).pathname).toBe(`/inbox/${missed.id}`);
});

test('the table that is downloaded has the numbers of the screen', async () => {
  await desk.settings(product.made.project_id, 'reports');
  const row = desk.page.getByTestId('report-table').locator('tbody tr').first();
  await row.waitFor();
  const shown = (await row.locator('td').allInnerTexts()).map((text) => text.trim());
  const [download] = await Promise.all([
    desk.page.waitForEvent('download'),
    desk.page.getByRole('button', { name: ru.stat_csv }).click(),
  ]);
  const table = (await readFile(await download.path(), 'utf8')).replace('\u{feff}', '').trim().split(/\r?\n/);
  const cells = table[1]?.split(',').slice(2) ?? [];
  for (const at of [0, 1, 2, 3, 6, 8, 9, 10, 11]) expect(cells[at]).toBe(shown[at]);
});

test('the split, the days and the limit are chosen, and stay in the address', async () => {
  const { page } = desk;
  await page.getByRole('combobox', { name: ru.stat_by, exact: true }).selectOption('page');
  await page
    .getByTestId('report-table')
    .locator('tbody th')
    .first()
    .getByText(/127\.0\.0\.1/)
    .waitFor();
  await page.getByRole('combobox', { name: ru.rep_period, exact: true }).selectOption('today');
  await until('the address to say so', async () => page.url().includes('period=today&by=page'));
  await page.reload();
  await page.getByTestId('report-table').waitFor();
  expect(await page.getByRole('combobox', { name: ru.rep_period, exact: true }).inputValue()).toBe('today');
  await page.getByRole('combobox', { name: ru.stat_rule_limit }).selectOption('5');
  await until('the limit to be kept', async () =>
    (await product.api.raw('GET', `/projects/${product.made.project_id}/reports/settings`)).text.includes(
      '5',
    ),
  );
  await page.getByLabel(ru.rep_from, { exact: true }).fill('2020-01-01');
  await page.locator('[role=alert], .error').first().waitFor();
  await page.getByLabel(ru.rep_from, { exact: true }).fill('2026-01-01');
});

test('an operator is told who may see the board; at the reports there are only own numbers', async () => {
  const { page, context, faults } = await newPerson(browser);
  const own = new Desk(page, product.origin);
  await own.goto('/inbox');
  await own.fillSignIn(BORIS.email, BORIS.password);
  await page.getByTestId('me-menu').first().waitFor();
  await own.settings(product.made.project_id, 'now');
  await page.getByText(ru.no_access, { exact: true }).first().waitFor();
  await own.settings(product.made.project_id, 'reports');
  await page.getByRole('heading', { name: ru.stat_own_title }).waitFor();
  expect(await page.getByTestId('report-table').count()).toBe(0);
  expect(faults).toEqual([]);
  await context.close();
});

test.each(LOOKS)('looks right: $locale, dark $dark, $width', async ({ locale, dark, width }) => {
  const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
  const { page, context, faults } = await newPerson(browser, {
    dark,
    width,
    height: width < 900 ? 844 : 900,
  });
  const own = new Desk(page, product.origin);
  await own.signIn();
  await own.changeMe({ locale });
  const picture = async (name: string) => {
    expect(await axeFindings(page)).toEqual([]);
    await until('nothing to scroll sideways', () =>
      page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    );
    await shot(page, `reports-${name}-${lookName({ locale, dark, width })}`, { fullPage: true });
  };
  await own.settings(product.made.project_id, 'now');
  await page.getByTestId('board-queue').waitFor();
  await picture('now');
  await own.settings(product.made.project_id, 'reports');
  await page.getByTestId('report-table').waitFor();
  await page.getByTestId('heat').waitFor();
  await picture('page');
  await page.getByTestId('heat').scrollIntoViewIfNeeded();
  await picture('hours');
  await page.getByTestId('report-table').getByRole('link').first().click();
  await page.getByTestId('reported').waitFor();
  await picture('list');
  await page.getByRole('link', { name: words.stat_back }).click();
  await page.getByTestId('numbers').waitFor();
  await own.changeMe({ locale: 'ru' });
  expect(faults).toEqual([]);
  await context.close();
});
