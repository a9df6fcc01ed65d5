import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { until } from './support/wait';
import { Widget } from './support/widget';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let bot: Control;
let host: HostPage;
let browser: Browser;
let operator: Watched;
let visitor: Watched;
let desk: Desk;
let widget: Widget;
let id: string;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  bot = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, bot.bot.token, 'webhook');
  visitor = await newPerson(browser);
  widget = new Widget(visitor.page);
  await visitor.page.goto(host.url);
  await widget.open();
  await widget.say('Есть лампа?');
  id = (await product.api.conversationWith('Есть лампа?')).id;
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  await desk.open(id);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  fake?.stop();
  expect([operator, visitor].flatMap((one) => one?.faults ?? ['none'])).toEqual([]);
});

const page = () => operator.page;
const onSite = (text: string) => visitor.page.getByText(text, { exact: true });

async function menuOf(text: string) {
  await desk.bubble(text).hover();
  await desk.bubble(text).getByTestId('bubble-menu').click();
}

test('a message is answered by name, and the quote leads to it', async () => {
  await menuOf('Есть лампа?');
  expect(await axeFindings(page())).toEqual([]);
  await page().getByRole('menuitem', { name: ru.msg_answer }).click();
  await page().getByTestId('composing').getByText('Есть лампа?').waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await page().keyboard.type('Есть, по 900');
  await page().keyboard.press('Enter');
  const quote = desk.bubble('Есть, по 900').getByTestId('quote');
  await quote.waitFor();
  await page().getByTestId('composing').waitFor({ state: 'detached' });
  await quote.click();
  await page().locator('[data-testid=message][aria-current=true]').getByText('Есть лампа?').waitFor();
  const said = (await product.api.messages(id)).find(({ content }) => content.text === 'Есть, по 900');
  expect((said as unknown as { reply_to: string | null }).reply_to).toBeTruthy();
  await onSite('Есть, по 900').waitFor();
  // The visitor reads what is answered, too.
  await visitor.page
    .locator('.bubble', { hasText: 'Есть, по 900' })
    .locator('q', { hasText: 'Есть лампа?' })
    .waitFor();
});

test('the arrow up in the empty field changes the last of one’s own; the visitor reads it', async () => {
  await desk.composer.focus();
  await page().keyboard.press('ArrowUp');
  await page().getByTestId('composing').waitFor();
  expect(await desk.composer.inputValue()).toBe('Есть, по 900');
  // Escape leaves it as it was, and what is typed otherwise is not lost.
  await page().keyboard.press('Escape');
  await page().getByTestId('composing').waitFor({ state: 'detached' });
  expect(await desk.composer.inputValue()).toBe('');
  await page().keyboard.press('ArrowUp');
  await desk.composer.fill('Есть, по 990');
  await page().keyboard.press('Enter');
  await desk.bubble('Есть, по 990').getByText(ru.edited).waitFor();
  await onSite('Есть, по 990').waitFor();
  await onSite('изменено').waitFor();
  expect(await onSite('Есть, по 900').count()).toBe(0);
});

test('it is deleted for everybody, and its words may go back into the field', async () => {
  await menuOf('Есть, по 990');
  await page().getByRole('menuitem', { name: ru.msg_delete }).click();
  await page().getByTestId('deleted').waitFor();
  await onSite('Сообщение удалено').waitFor();
  expect(await onSite('Есть, по 990').count()).toBe(0);
  await page().getByRole('button', { name: ru.msg_put_back }).click();
  await until('the words in the field', async () => (await desk.composer.inputValue()) === 'Есть, по 990');
  expect(await axeFindings(page())).toEqual([]);
  await desk.composer.fill('');
  await page().reload();
  await page().getByTestId('deleted').waitFor();
  expect((await product.api.texts(id)).filter(Boolean)).toEqual(['Есть лампа?']);
});

test('Telegram is told; a client’s word has no such items, and a letter says why not', async () => {
  const lena = bot.person(931, 'Лена');
  lena.says('Где заказ?');
  const other = await product.api.conversationWith('Где заказ?');
  await desk.open(other.id);
  await menuOf('Где заказ?');
  expect(await page().getByRole('menuitem', { name: ru.edit }).count()).toBe(0);
  await page().getByRole('menuitem', { name: ru.msg_answer }).click();
  await page().keyboard.type('Едет');
  await page().keyboard.press('Enter');
  await desk.bubble('Едет').locator('[data-delivery=sent]').waitFor();
  const sent = bot.sent('Едет')[0]?.params as { reply_parameters?: { message_id: number } };
  expect(sent.reply_parameters?.message_id).toBeGreaterThan(0);
});
