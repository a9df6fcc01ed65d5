import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Conversation } from './support/api';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let control: Control;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let conversation: Conversation;
let nextPerson = 700;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  for (const [key, title, kind] of [
    ['story', 'Рассказ', 'long_text'],
    ['town', 'Город', 'text'],
    ['birthday', 'Родился', 'date'],
  ]) {
    await product.api.project('POST', '/fields', { key, title, kind, show_when_empty: true });
  }
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults).toEqual([]);
});

beforeEach(async () => {
  const person = control.person(nextPerson++, 'Нина');
  const hello = `Добрый день от ${person.user.id}`;
  person.says(hello);
  conversation = await product.api.conversationWith(hello);
  // By a link, so that there is a page to go back to.
  await desk.goto('/inbox');
  await desk.newFolder.click();
  await desk.row(conversation.id).click();
  await desk.composer.waitFor();
});

const question = () => desk.page.getByTestId('unsaved');
const answer = (name: string) => question().getByRole('button', { name, exact: true }).click();
const row = (title: string) => desk.field(title);
const fill = (title: string) => row(title).getByRole('button', { name: ru.field_fill }).click();
const toClients = () => desk.page.getByRole('link', { name: ru.nav_clients }).click();
const stored = async (key: string) =>
  (await product.api.contact(conversation.contact_id)).fields[key]?.map(({ value }) => value).join('|') ?? '';

test('a long text is not lost by Escape, by the cross of the card or by another page', async () => {
  await fill('Рассказ');
  const text = row('Рассказ').locator('textarea');
  await text.fill('Пишет роман');
  const ways = [
    () => text.press('Escape'),
    () => desk.page.keyboard.press('Alt+KeyO'),
    () => desk.page.getByRole('button', { name: ru.card_close }).first().click(),
    toClients,
    () => desk.page.evaluate(() => history.back()),
  ];
  for (const way of ways) {
    await way();
    await question().waitFor();
    await answer(ru.unsaved_stay);
    await question().waitFor({ state: 'hidden' });
    expect(await text.inputValue()).toBe('Пишет роман');
  }
  await text.press('Escape');
  await answer(ru.unsaved_stay);
  const isFocused = () => text.evaluate((input) => input === document.activeElement);
  await until('the text to have the focus again', isFocused);
  await toClients();
  await answer(ru.save);
  await desk.page.waitForURL('**/clients');
  expect(await stored('story')).toBe('Пишет роман');
});

test('a line is saved by leaving it, and the page goes on without a question', async () => {
  await fill('Город');
  await row('Город').locator('input').fill('Пермь');
  await desk.page.evaluate(() => history.back());
  await until('another page', () => !desk.page.url().includes(conversation.id));
  await desk.newFolder.waitFor();
  expect(await question().count()).toBe(0);
  expect(await stored('town')).toBe('Пермь');
});

test('what cannot be saved by leaving it is asked about', async () => {
  await fill('Родился');
  await row('Родился').locator('input').pressSequentially('31');
  await toClients();
  await question().waitFor();
  await answer(ru.unsaved_stay);
  await row('Родился').getByRole('alert').waitFor();
  await toClients();
  await answer(ru.unsaved_discard);
  await desk.page.waitForURL('**/clients');
});

test('a tag that is not entered yet is asked about, and saved there', async () => {
  await desk.card.getByRole('button', { name: ru.tag_add }).click();
  await desk.card.getByLabel(ru.tag_new).fill('опт');
  await toClients();
  await answer(ru.save);
  await desk.page.waitForURL('**/clients');
  const { tags } = (await product.api.contact(conversation.contact_id)) as unknown as { tags: string[] };
  expect(tags).toEqual(['опт']);
});
