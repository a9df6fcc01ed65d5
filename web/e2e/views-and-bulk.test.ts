import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

const BORIS = { email: 'boris@fern.example', name: 'Борис Ёлкин', password: 'moss-and-fern-43' };

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let boris: string;
const ids: string[] = [];

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const shop = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, shop.bot.token, 'webhook');
  for (const [index, name] of ['Лена', 'Зоя', 'Пётр', 'Роман'].entries()) {
    shop.person(700 + index, name).says(`Я ${name}`);
    ids.push((await product.api.conversationWith(`Я ${name}`)).id);
  }
  boris = await product.api.addColleague(BORIS);
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  await desk.newFolder.click();
  await desk.row(ids[3]!).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const bar = () => page().getByTestId('bulk-bar');
const box = (index: number) => page().locator(`[data-row="${ids[index]}"]`).getByTestId('pick');
const item = (name: string) => page().getByRole('menuitem', { name });
const now = async (index: number) =>
  (await product.api.conversation(ids[index]!)) as unknown as {
    status: string;
    assignee_id: string | null;
    contact_id: string;
  };
const undo = () => page().getByRole('button', { name: ru.undo, exact: true }).first().click();

test('several chats are picked by key, by range and by box, and closed at once', async () => {
  await page().locator(`[data-row="${ids[0]}"] a`).focus();
  await page().keyboard.press('KeyX');
  await bar().waitFor();
  expect(await box(0).isChecked()).toBe(true);
  await page().locator(`[data-row="${ids[2]}"] a`).focus();
  await page().keyboard.press('Shift+KeyX');
  expect([await box(0).isChecked(), await box(1).isChecked(), await box(2).isChecked()]).toEqual([
    true,
    true,
    true,
  ]);
  await box(1).click();
  expect(await box(1).isChecked()).toBe(false);
  expect(await axeFindings(page())).toEqual([]);
  await bar().getByRole('button', { name: ru.close, exact: true }).click();
  await until(
    'two to be closed',
    async () => (await now(0)).status === 'closed' && (await now(2)).status === 'closed',
  );
  expect((await now(1)).status).toBe('new');
  await undo();
  await until(
    'both to be back',
    async () => (await now(0)).status === 'new' && (await now(2)).status === 'new',
  );
});

test('what a colleague took meanwhile is said, and stays with them', async () => {
  await desk.row(ids[0]!).waitFor();
  await box(0).click();
  await box(3).click();
  // Behind this page’s back: its rows do not know it yet.
  await page().route('**/conversations/bulk', async (route) => {
    await product.api.project('POST', `/conversations/${ids[3]}/assign`, { user_id: boris });
    await route.continue();
  });
  await bar().getByRole('button', { name: ru.assign, exact: true }).click();
  await page().getByRole('menuitem').filter({ hasNotText: BORIS.name }).first().click();
  const refused = page().getByTestId('bulk-refused');
  await refused.getByText(ru.problem_already_taken).waitFor();
  await refused.getByRole('link', { name: 'Роман' }).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await page().unroute('**/conversations/bulk');
  await page().getByRole('button', { name: ru.bulk_seen }).click();
  expect((await now(3)).assignee_id).toBe(boris);
  expect((await now(0)).assignee_id).not.toBeNull();
  // Taking back: a colleague has it by now, and keeps it.
  await product.api.project('POST', `/conversations/${ids[0]}/assign`, { user_id: boris });
  await undo();
  await refused.getByText(ru.problem_already_taken).waitFor();
  expect((await now(0)).assignee_id).toBe(boris);
  await page().getByRole('button', { name: ru.bulk_seen }).click();
});

test('a tag is given to many, and taken back only where it was new', async () => {
  await product.api.project('PATCH', `/contacts/${(await now(1)).contact_id}`, { tags: ['опт'] });
  await box(1).click();
  await box(2).click();
  await bar().getByRole('button', { name: ru.bulk_tag }).click();
  const dialog = page().getByRole('dialog');
  await dialog.getByLabel(ru.bulk_tags).fill('опт, vip');
  expect(await axeFindings(page())).toEqual([]);
  await dialog.getByRole('button', { name: ru.bulk_add_tags }).click();
  const tags = async (index: number) =>
    ((await product.api.contact((await now(index)).contact_id)) as unknown as { tags: string[] }).tags;
  await until('the tags', async () => (await tags(2)).join() === 'опт,vip');
  expect(await tags(1)).toEqual(['опт', 'vip']);
  await undo();
  await until('only what was new to go', async () => (await tags(2)).length === 0);
  expect(await tags(1)).toEqual(['опт']);
});

test('the list is narrowed by a tag, and kept as a view', async () => {
  await page().getByTestId('filter').click();
  const panel = page().getByRole('group', { name: ru.clients_filters });
  await panel.getByLabel(ru.clients_tag).fill('опт');
  await desk.row(ids[2]!).waitFor({ state: 'detached' });
  await desk.row(ids[1]!).waitFor();
  expect(await page().getByTestId('conversation-row').count()).toBe(1);
  expect(await axeFindings(page())).toEqual([]);
  await page().getByTestId('views').click();
  await item(ru.view_save_as).click();
  const dialog = page().getByRole('dialog');
  await dialog.getByLabel(ru.view_name).fill('Оптовики');
  await dialog.getByRole('checkbox', { name: ru.view_share }).check();
  expect(await axeFindings(page())).toEqual([]);
  await dialog.getByRole('button', { name: ru.save, exact: true }).click();
  await page().getByTestId('views').filter({ hasText: 'Оптовики' }).waitFor();
  // It leads back to the same list.
  await page().locator('[data-folder=open]').click();
  await panel.getByRole('button', { name: ru.clear_filters }).click();
  await page().getByTestId('views').click();
  await item('Оптовики').click();
  await desk.row(ids[1]!).waitFor();
  expect(await page().getByTestId('conversation-row').count()).toBe(1);
  expect(await panel.getByLabel(ru.clients_tag).inputValue()).toBe('опт');
});

test('of two who change one view the later sees what the other made of it', async () => {
  const views = await product.api.project<{ items: { id: string; revision: number; query: object }[] }>(
    'GET',
    '/saved-views',
  );
  const view = views.items[0]!;
  await page().getByTestId('views').click();
  await item(ru.view_change).click();
  const dialog = page().getByRole('dialog');
  await dialog.getByLabel(ru.view_name).fill('Опт');
  await product.api.project('PUT', `/saved-views/${view.id}`, {
    name: 'Крупный опт',
    shared: true,
    revision: view.revision,
    query: { ...view.query, waiting_minutes: 60 },
  });
  await dialog.getByRole('button', { name: ru.save, exact: true }).click();
  await dialog
    .getByTestId('others-view')
    .getByText(/Ждёт дольше/)
    .waitFor();
  expect(await axeFindings(page())).toEqual([]);
  expect(await dialog.getByLabel(ru.view_name).inputValue()).toBe('Опт');
  await dialog.getByRole('button', { name: ru.view_save_mine }).click();
  await dialog.waitFor({ state: 'detached' });
  await page().getByTestId('views').filter({ hasText: 'Опт' }).waitFor();
});

test('a list of many keeps its rows few', async () => {
  await page().getByTestId('views').click();
  await item(ru.view_leave).click();
  expect(await page().getByTestId('conversation-row').count()).toBeLessThanOrEqual(60);
});
