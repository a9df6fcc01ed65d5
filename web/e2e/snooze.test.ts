import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let shop: Control;
let id: string;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  shop = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, shop.bot.token, 'webhook');
  shop.person(701, 'Лена').says('Перезвоните завтра');
  id = (await product.api.conversationWith('Перезвоните завтра')).id;
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  await desk.open(id);
  await page().getByRole('button', { name: ru.accept, exact: true }).click();
  await until('it to be mine', async () => (await status()) === 'open');
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const status = async () => (await product.api.conversation(id)).status;
const bar = () => page().getByTestId('snoozed');
const line = (text: RegExp | string) => page().getByTestId('event').filter({ hasText: text });
const item = (name: string) => page().getByRole('menuitem', { name });

async function folder(name: string) {
  await page().getByRole('group', { name: ru.folders }).getByRole('button', { name: ru.more }).click();
  await item(name).click();
}

test('the key H puts a chat off, and the menu says until when', async () => {
  await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page().keyboard.press('KeyH');
  await item(ru.snooze_tomorrow).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await item(ru.snooze_tomorrow).click();
  await bar().waitFor();
  expect(await status()).toBe('snoozed');
  await line('Отложено до').waitFor();
  const tomorrow = new Date();
  tomorrow.setDate(tomorrow.getDate() + 1);
  tomorrow.setHours(9, 0, 0, 0);
  const until_ = (await product.api.conversation(id)) as unknown as { snoozed_until: string };
  expect(new Date(until_.snoozed_until).getTime()).toBe(tomorrow.getTime());
  expect(await axeFindings(page())).toEqual([]);
});

test('it is gone from mine and stands among those put off with its time', async () => {
  await desk.goto('/inbox');
  await page().locator('[data-folder=mine]').click();
  await page().getByText(ru.list_empty).first().waitFor();
  await folder(ru.folder_snoozed);
  await desk.row(id).getByTestId('row-snoozed').waitFor();
  expect(await desk.row(id).getByTestId('row-snoozed').innerText()).toContain('09:00');
  expect(await axeFindings(page())).toEqual([]);
  await desk.row(id).click();
  await bar().getByRole('button', { name: ru.snooze_wake }).click();
  await bar().waitFor({ state: 'detached' });
  await line(/раньше времени/).waitFor();
  expect(await status()).toBe('open');
});

test('a time of one’s own is taken when it is to come', async () => {
  await page().getByTestId('snooze-menu').click();
  await item(ru.snooze_own).click();
  const dialog = page().getByRole('dialog');
  await dialog.getByLabel(ru.snooze_own_label).fill('2020-01-01T10:00');
  await dialog.getByRole('button', { name: ru.snooze, exact: true }).click();
  await dialog.getByText(ru.snooze_past).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  const later = new Date(Date.now() + 3 * 86_400_000);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${later.getFullYear()}-${two(later.getMonth() + 1)}-${two(later.getDate())}`;
  await dialog.getByLabel(ru.snooze_own_label).fill(`${day}T10:30`);
  await dialog.getByRole('button', { name: ru.snooze, exact: true }).click();
  await bar().getByText('10:30').waitFor();
  // Who thinks again has it as it was.
  await page().getByRole('button', { name: ru.undo, exact: true }).first().click();
  await bar().waitFor({ state: 'detached' });
  expect(await status()).toBe('open');
});

test('its time brings it back unread, also over a restart', async () => {
  await desk.goto('/inbox');
  await page().locator('[data-folder=mine]').click();
  await desk.row(id).waitFor();
  const at = new Date(Date.now() + 4_000).toISOString();
  await product.api.project('POST', `/conversations/${id}/snooze`, { until: at });
  await desk.row(id).waitFor({ state: 'detached' });
  await product.restart();
  await desk.row(id).waitFor({ timeout: 20_000 });
  await until('it to be unread', () => desk.row(id).evaluate((row) => row.classList.contains('unread')));
  expect(await status()).toBe('open');
  await desk.row(id).click();
  await line(ru.event_woken).waitFor();
  await until('it to be read', () => desk.row(id).evaluate((row) => !row.classList.contains('unread')));
});

test('a word of the client brings back what waits for it', async () => {
  await desk.open(id);
  await page().getByTestId('snooze-menu').click();
  await item(ru.snooze_reply).click();
  await bar().getByText(ru.snoozed_until_reply).waitFor();
  shop.person(701, 'Лена').says('Я тут');
  await bar().waitFor({ state: 'detached' });
  await desk.bubble('Я тут').waitFor();
  expect(await status()).toBe('open');
});
