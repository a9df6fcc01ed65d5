import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Conversation } from './support/api';
import { axeFindings } from './support/axe';
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

const FIELDS = [
  { key: 'reason', title: 'Причина', kind: 'list', options: ['Вопрос', 'Жалоба'], required: true },
  { key: 'goods', title: 'Товары', kind: 'multi_list', options: ['Лампа', 'Плед'], required: true },
  { key: 'until', title: 'Ответить до', kind: 'date', required: true },
  { key: 'score', title: 'Балл', kind: 'text', required: true, read_only: true },
];

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  for (const field of FIELDS)
    await product.api.project('POST', '/fields', { show_when_empty: true, ...field });
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
  const user_id = product.made.user_id;
  await product.api.project('POST', `/conversations/${conversation.id}/assign`, { user_id });
});

const page = () => desk.page;
const dialog = () => page().getByRole('dialog');
const close = () =>
  page().locator('.pane header').getByRole('button', { name: ru.close, exact: true }).click();
const finish = () => dialog().getByRole('button', { name: ru.close_ask_action }).click();
const status = async () => (await product.api.conversation(conversation.id)).status;
const setFields = (fields: Record<string, string | string[]>) =>
  product.api.project('PATCH', `/contacts/${conversation.contact_id}`, { fields });
const stored = async (key: string) =>
  (await product.api.contact(conversation.contact_id)).fields[key]?.map(({ value }) => value);

test('closing asks for the required fields that are empty, saves them and closes', async () => {
  await setFields({ until: '2026-12-01' });
  await desk.open(conversation.id);
  await close();
  const reason = dialog().getByLabel('Причина');
  await reason.waitFor();
  expect(await dialog().getByLabel('Ответить до').count()).toBe(0);
  expect(await dialog().getByText('Балл').count()).toBe(0);
  expect(await axeFindings(page())).toEqual([]);
  await dialog().getByRole('checkbox', { name: 'Плед' }).check();
  await finish();
  await dialog().getByText(ru.required).waitFor();
  expect(await status()).not.toBe('closed');
  await reason.selectOption('Жалоба');
  await finish();
  await desk.dialogsGone();
  await page().getByText(ru.chat_closed).waitFor();
  expect([await status(), await stored('reason'), await stored('goods')]).toEqual([
    'closed',
    ['Жалоба'],
    ['Плед'],
  ]);
});

test('half a date closes nothing, and leaving the dialog keeps the conversation open', async () => {
  await setFields({ reason: 'Вопрос', goods: ['Лампа'] });
  await desk.open(conversation.id);
  await close();
  const date = dialog().getByLabel('Ответить до');
  await date.pressSequentially('31');
  await finish();
  await dialog().getByText(ru.problem_wrong_form).waitFor();
  await page().keyboard.press('Escape');
  await page().getByTestId('unsaved').getByRole('button', { name: ru.unsaved_discard }).click();
  await desk.dialogsGone();
  expect(await status()).not.toBe('closed');
});

test('nothing is asked where everything is filled in', async () => {
  await setFields({ reason: 'Вопрос', goods: ['Лампа'], until: '2026-12-01' });
  await desk.open(conversation.id);
  await close();
  await until('the conversation to be closed', async () => (await status()) === 'closed');
  expect(await dialog().count()).toBe(0);
});

test('what was made required behind the back of an open page is asked for after the refusal', async () => {
  await setFields({ reason: 'Вопрос', goods: ['Лампа'], until: '2026-12-01' });
  await desk.open(conversation.id);
  // The page never hears of the new field.
  await page().route('**/live', (route) => route.abort());
  const fields = /\/fields(\?|$)/;
  await page().route(fields, (route) => route.fulfill({ json: { items: [], next_cursor: null } }));
  await page().reload();
  await desk.composer.waitFor();
  await page().unroute(fields);
  await product.api.project('POST', '/fields', { key: 'late', title: 'Новое', kind: 'text', required: true });
  await close();
  await dialog().getByLabel('Новое').fill('да');
  await finish();
  await until('the conversation to be closed', async () => (await status()) === 'closed');
  expect(await stored('late')).toEqual(['да']);
  await page().unroute('**/live');
});
