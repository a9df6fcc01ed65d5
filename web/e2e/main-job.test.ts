import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage } from './support/host-page';
import { Product } from './support/product';
import { NINA, Telemelya, TelemelyaGate } from './support/telemelya';
import { until } from './support/wait';
import { Widget } from './support/widget';

const TOKEN = '123456789:AAF4keTokenOfTheTestSuite_0123456789';
const PHONE = 'Мобильный телефон';
const QUESTION = 'Сколько стоит «Луна 40»?';

let product: Product;
let telemelya: Telemelya;
let gate: TelemelyaGate;
let host: HostPage;
let browser: Browser;
let visitor: Watched;
let widget: Widget;
let desk: Desk;
let settings: Page;

beforeAll(async () => {
  [product, telemelya, browser] = await Promise.all([Product.start(), Telemelya.start(), launchBrowser()]);
  gate = await TelemelyaGate.start(telemelya);
  await product.api.connectTelegram(gate.url, TOKEN, 'webhook');
  visitor = await newPerson(browser);
  widget = new Widget(visitor.page);
  const operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  // A window of its own: a tab in the background is drawn once a second.
  settings = (await newPerson(browser)).page;
  await new Desk(settings, product.origin).signIn();
});

afterAll(async () => {
  await browser?.close();
  host?.stop();
  gate?.stop();
  await Promise.all([telemelya?.stop(), product?.stop()]);
});

const rulesPage = () =>
  new Desk(settings, product.origin).settings(product.made.project_id, 'multi-contacts');

async function addPhoneRule() {
  await rulesPage();
  await settings.getByRole('button', { name: ru.rule_add }).click();
  await settings.getByTestId('rule').getByRole('button', { name: ru.rule_field_add, exact: true }).click();
  await settings.getByRole('menuitem', { name: PHONE }).click();
  await saveRules();
}

async function removeRule() {
  await rulesPage();
  const name = `${ru.more}: ${ru.rule_move.replace('{n}', '1')}`;
  await settings.getByRole('button', { name }).click();
  await settings.getByRole('menuitem', { name: ru.delete }).click();
  await saveRules();
}

async function saveRules() {
  await settings.getByRole('button', { name: ru.rules_save }).click();
  await settings.getByText(ru.rules_applied.split('.')[0]!).first().waitFor();
}

/** Every message with its place: what joining and splitting must never touch. */
async function places(): Promise<unknown[]> {
  const all = [];
  for (const conversation of await product.api.conversations())
    all.push(...(await product.api.messages(conversation.id)));
  const place = all.map(({ id, conversation_id, contact_id, seq, kind, content }) => {
    return { id, conversation_id, contact_id, seq, kind, text: content.text };
  });
  return place.sort((a, b) => a.id.localeCompare(b.id));
}

const siteConversation = () => product.api.conversationWith(QUESTION);
const telegramConversation = () => product.api.conversationWith('Добрый день, я писала на сайте');

const groupSize = async () =>
  (await product.api.conversations()).map((one) => one.contact.multi_contact_size);

test('the owner adds a rule by phone in the settings', async () => {
  await addPhoneRule();
  const { items } = await product.api.project<{ items: unknown[] }>('GET', '/multi-contact-rules');
  expect(items).toMatchObject([{ fields: ['phone'], mode: 'at_once', enabled: true }]);
});

test('a visitor writes on a site that carries the published snippet, and leaves a phone', async () => {
  await new Desk(settings, product.origin).settings(product.made.project_id, 'install');
  const snippet = await settings.getByLabel(ru.install_code).first().textContent();
  host = await HostPage.start(snippet ?? '');
  await visitor.page.goto(host.url);
  await widget.open();
  await widget.say(QUESTION);
  await widget.call('TalkMe', 'setClientInfo', { name: 'Нина', phone: '8 (912) 555-01-42' });
  const { contact_id } = await siteConversation();
  const contact = await until('the phone', async () => {
    const now = await product.api.contact(contact_id);
    return now.fields.phone ? now : undefined;
  });
  expect(contact.fields.phone).toMatchObject([{ source: 'javascript', verified: false }]);
});

test('the same person shares the phone in Telegram and becomes one multi-contact', async () => {
  await telemelya.says(TOKEN, NINA, 'Добрый день, я писала на сайте');
  await telegramConversation();
  expect(await groupSize()).toEqual([1, 1]);
  await telemelya.says(TOKEN, NINA, '/contact 79125550142');
  await until('the two to be one client', async () => (await groupSize()).every((size) => size === 2));
});

test('the desk shows both histories as one client, and why they are joined', async () => {
  await desk.open((await siteConversation()).id);
  await desk.bubble(QUESTION).waitFor();
  await desk.bubble('Добрый день, я писала на сайте').waitFor();
  const why = desk.card.locator('li.why');
  await why.getByText(PHONE).waitFor();
  expect(await why.count()).toBe(1);
  expect(await why.innerText()).toMatch(/912.?555.?01.?42/);
  expect(await why.innerText()).toContain(ru.group_rule.replace('{n}', '1'));
  expect(await desk.card.locator('li.contact').count()).toBe(2);
  expect(await desk.card.innerText()).toContain('@nina_fern');
});

test('what was asked on the site is answered in Telegram, and telemelya has it', async () => {
  await desk.replyIn('Telegram');
  await desk.say('«Луна 40» стоит 3 200 ₽');
  const sent = await until('telemelya to receive the answer', async () =>
    (await telemelya.received()).find((one) => one.text === '«Луна 40» стоит 3 200 ₽'),
  );
  expect(sent.chat_id).toBe(NINA.id);
  expect((await telemelya.received()).map((one) => one.text)).toEqual(['«Луна 40» стоит 3 200 ₽']);
  expect((await product.api.texts((await telegramConversation()).id)).at(-1)).toBe('«Луна 40» стоит 3 200 ₽');
  expect(await widget.texts()).not.toContain('«Луна 40» стоит 3 200 ₽');
});

test('without the rule they are two clients again, with it one; no message has moved', async () => {
  const before = await places();
  await removeRule();
  await until('two clients', async () => (await groupSize()).every((size) => size === 1));
  await desk.bubble('Добрый день, я писала на сайте').waitFor({ state: 'detached' });
  expect(await desk.card.locator('li.contact').count()).toBe(1);
  expect(await places()).toEqual(before);
  await addPhoneRule();
  await until('one client', async () => (await groupSize()).every((size) => size === 2));
  await desk.bubble('Добрый день, я писала на сайте').waitFor();
  expect(await desk.card.locator('li.contact').count()).toBe(2);
  expect(await places()).toEqual(before);
});
