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
let shop: Control;
let help: Control;
let helpId: string;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let nextPerson = 700;

type Person = ReturnType<Control['person']>;
/** One client who writes to two bots. */
let inShop: Person;
let inHelp: Person;
let first: Conversation;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  shop = new Control(fake, fake.newBot());
  help = new Control(fake, fake.newBot());
  const connect = (title: string, { bot }: Control) =>
    product.api.project<{ id: string }>('POST', '/connections', {
      kind: 'telegram',
      title,
      settings: { token: bot.token, mode: 'webhook', base_url: fake.url },
    });
  await connect('Магазин', shop);
  helpId = (await connect('Поддержка', help)).id;
  await product.api.addPhoneRule();
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

/** The client wrote to the shop first and to the help last; the operator has the shop's conversation open. */
beforeEach(async () => {
  const id = nextPerson++;
  [inShop, inHelp] = [shop.person(id, 'Нина'), help.person(id, 'Нина')];
  const phone = `7912555${String(id).padStart(4, '0')}`;
  inShop.says(`В магазин ${id}`);
  first = await product.api.conversationWith(`В магазин ${id}`);
  inShop.sharesContact(phone, id);
  inHelp.says(`В поддержку ${id}`);
  await product.api.conversationWith(`В поддержку ${id}`);
  inHelp.sharesContact(phone, id);
  await until('the two to be one client', async () => {
    const { contact } = await product.api.conversation(first.id);
    return contact.multi_contact_size === 2;
  });
});

const picker = () => desk.page.getByTestId('reply-channel');
const isChosen = (title: string) =>
  until(`${title} to be chosen`, async () => (await picker().innerText()).includes(title));
const choice = (title: string) => desk.page.getByRole('menuitem').filter({ hasText: title });

test('the channel in which the client wrote last is suggested, and marked in words', async () => {
  await desk.open(first.id);
  await isChosen('Поддержка');
  await picker().click();
  await choice('Поддержка').getByText(ru.reply_last).waitFor();
  expect(await choice('Магазин').getByText(ru.reply_last).count()).toBe(0);
  expect(await axeFindings(desk.page)).toEqual([]);
  await desk.page.keyboard.press('Escape');
  await desk.say(`Ответ в поддержку ${first.id}`);
  await until('the answer in that bot', () => help.sent(`Ответ в поддержку ${first.id}`).length === 1);
  expect(shop.sent(`Ответ в поддержку ${first.id}`)).toEqual([]);
});

test('when the client goes on in another channel the suggestion follows', async () => {
  await desk.open(first.id);
  await isChosen('Поддержка');
  inShop.says('Я снова в магазине');
  await isChosen('Магазин');
  await picker().click();
  await choice('Магазин').getByText(ru.reply_last).waitFor();
});

test('a channel chosen by hand stays, wherever the client writes', async () => {
  await desk.open(first.id);
  await isChosen('Поддержка');
  await desk.replyIn('Магазин');
  await isChosen('Магазин');
  inHelp.says('Я всё ещё в поддержке');
  await desk.bubble('Я всё ещё в поддержке').last().waitFor();
  await isChosen('Магазин');
  await picker().click();
  await choice('Поддержка').getByText(ru.reply_last).waitFor();
});

test('a closed channel is listed with its reason, and is not suggested', async () => {
  await product.api.project('PATCH', `/connections/${helpId}`, { status: 'off' });
  await desk.open(first.id);
  await isChosen('Магазин');
  await picker().click();
  await choice('Поддержка').getByText(ru.reply_connection_off).waitFor();
  await choice('Поддержка').getByText(ru.reply_last).waitFor();
  expect(await choice('Поддержка').getAttribute('aria-disabled')).toBe('true');
  expect(await axeFindings(desk.page)).toEqual([]);
  await product.api.project('PATCH', `/connections/${helpId}`, { status: 'active' });
});

test('a channel that the client closes while one answers is left for an open one', async () => {
  await desk.open(first.id);
  await isChosen('Поддержка');
  inHelp.blocks();
  await desk.say('Не дойдёт');
  await isChosen('Магазин');
  await picker().click();
  await choice('Поддержка').getByText(ru.reply_blocked).waitFor();
});

test('who becomes one with the open client, or no longer is, is told', async () => {
  await desk.open(first.id);
  const toast = (text: string) => desk.page.locator('[data-sonner-toast]').filter({ hasText: text });
  const phone = (await product.api.contact(first.contact_id)).fields.phone?.[0]?.value;
  const body = { channel: 'api', external_id: crypto.randomUUID(), fields: { name: 'Пётр', phone } };
  const { id } = await product.api.project<{ id: string }>('POST', '/contacts', body);
  await toast(ru.group_joined.replace('{names}', 'Пётр (API)')).waitFor();
  await product.api.project('PATCH', `/contacts/${id}`, { fields: { phone: null } });
  await toast(ru.group_left.replace('{names}', 'Пётр (API)')).waitFor();
});
