import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Conversation } from './support/api';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import type { Draft } from './support/editor';
import { Keyboard } from './support/keyboard';
import { phoneRuns } from './support/phone-runs';
import { OWNER, Product } from './support/product';
import { until } from './support/wait';
import { connectMail } from './support/start-chat';
import { MailServer } from './support/mail';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

/** The ten jobs of an operator and his administrator, without a mouse: nothing here clicks, and no script moves the focus. */
let product: Product;
let fake: TelegramFake;
let mail: MailServer;
let browser: Browser;
let person: Watched;
let desk: Desk;
let keys: Keyboard;
let bot: Control;
let lamp: Conversation;

beforeAll(async () => {
  [product, fake, mail, browser] = await Promise.all([
    Product.start(),
    TelegramFake.start(),
    MailServer.start(),
    launchBrowser(),
  ]);
  await phoneRuns(product, fake);
  bot = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, bot.bot.token, 'webhook');
  await connectMail(product, mail);
  const { items } = await product.api.project<{ items: { title: string }[] }>('GET', '/fields');
  expect(items.length).toBeGreaterThan(2);
  for (const [key, title] of [
    ['city', 'Город'],
    ['floor', 'Этаж'],
  ])
    await product.api.project('POST', '/fields', { key, title, kind: 'text', show_when_empty: true });
  await product.api.addColleague({ name: 'Вера Ким', email: 'vera@shop.example', password: OWNER.password });
  bot.person(801, 'Лена').says('Где моя лампа?');
  lamp = await product.api.conversationWith('Где моя лампа?');
  person = await newPerson(browser, { width: 1440, height: 900 });
  person.context.setDefaultTimeout(6_000);
  desk = new Desk(person.page, product.origin);
  keys = new Keyboard(person.page);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await mail?.stop();
  fake?.stop();
  expect(person?.faults).toEqual([]);
});

afterEach(() => expect(keys.unseen.splice(0)).toEqual([]));

const page = () => person.page;
const now = async () => product.api.conversation(lamp.id) as Promise<Conversation & { assignee_id: string }>;
const keyList = async () =>
  (await product.api.project<{ items: { key: string }[] }>('GET', '/fields')).items.map(({ key }) => key);

/** By the palette, as from anywhere. */
async function goBy(words: string) {
  await keys.press('Control+KeyK');
  await page().getByTestId('palette').waitFor();
  await keys.type(words);
  await page().getByTestId('palette').getByRole('option', { name: words }).first().waitFor();
  await keys.press('Enter');
}

test('signing in', async () => {
  await desk.goto('/inbox');
  await page().locator('input[type=email]').waitFor();
  if ((await keys.focused()).tag !== 'INPUT') await keys.tabTo(/@|почта|mail/i);
  await keys.type(OWNER.email);
  await keys.press('Tab');
  await keys.type(OWNER.password);
  await keys.press('Enter');
  await page().getByTestId('me-menu').first().waitFor();
});

test('a ring that is missing is missed', async () => {
  await page().evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { outline: none !important; box-shadow: none !important }');
    document.adoptedStyleSheets.push(sheet);
  });
  await keys.tabTo(ru.nav_clients);
  expect(keys.unseen.splice(0).join()).toContain(`"${ru.nav_clients}" (no ring)`);
  await page().evaluate(() => document.adoptedStyleSheets.pop());
  await keys.press('Tab');
  await keys.focused();
  keys.unseen.length = 0;
});

test('1. a conversation is found in the list and answered', async () => {
  await keys.tabTo(/^Новые/);
  await keys.press('Enter');
  await desk.row(lamp.id).waitFor();
  await keys.tabTo(/Где моя лампа\?/);
  await keys.press('Enter');
  await desk.composer.waitFor();
  await keys.press('KeyR');
  await keys.isOn(ru.composer_placeholder);
  await keys.type('Уже едет');
  await keys.press('Enter');
  await desk.bubble('Уже едет').locator('[data-delivery=sent]').waitFor();
  await until('Лена to hear it', () => bot.sent('Уже едет').length === 1);
});

test('2. a note is written for the team', async () => {
  await keys.press('Escape');
  await keys.press('KeyN');
  await keys.isOn(ru.composer_placeholder_note);
  await keys.type('Спросить склад');
  await keys.press('Enter');
  await page().locator('[data-testid=message][data-kind=note]').getByText('Спросить склад').waitFor();
  expect(bot.sent('Спросить склад')).toEqual([]);
  await keys.press('Escape');
  await keys.press('KeyR');
  await keys.press('Escape');
});

test('3. it is assigned to a colleague, and taken back by one key', async () => {
  await keys.tabTo(ru.assign, 'Shift+Tab');
  await keys.press('Enter');
  await page().getByRole('menu').getByText('Вера Ким').waitFor();
  await keys.arrowTo(/Вера Ким/);
  await keys.press('Enter');
  const vera = await until('Вера to have it', async () => {
    const { assignee_id } = await now();
    return assignee_id !== product.made.user_id && assignee_id;
  });
  await desk.dialogsGone();
  await page().getByRole('menu').waitFor({ state: 'detached' });
  await keys.press('KeyA');
  await until('it to be mine', async () => (await now()).assignee_id === product.made.user_id);
  expect(vera).toBeTruthy();
});

test('4. it is put off until tomorrow', async () => {
  await keys.press('KeyH');
  await page().getByRole('menuitem', { name: ru.snooze_tomorrow }).waitFor();
  await keys.arrowTo(new RegExp(`^${ru.snooze_tomorrow}`));
  await keys.press('Enter');
  await page().getByTestId('snoozed').waitFor();
  expect((await now()).status).toBe('snoozed');
});

test('5. it is closed', async () => {
  await page().getByRole('menu').waitFor({ state: 'detached' });
  await keys.press('KeyE');
  await until('it to be closed', async () => (await now()).status === 'closed');
  await page().getByText(ru.chat_closed).waitFor();
});

test('6. somebody is written to first', async () => {
  await keys.press('KeyC');
  await keys.isOn(new RegExp(ru.start_chat_who));
  await keys.type('anna@client.example');
  await page().getByTestId('open-way').filter({ hasText: 'Почта' }).waitFor();
  await keys.tabTo(ru.start_chat_text);
  await keys.type('Ваша лампа приехала');
  await keys.press('Control+Enter');
  await desk.bubble('Ваша лампа приехала').locator('[data-delivery=sent]').waitFor();
});

test('7. fields are put into another order', async () => {
  await keys.press('Escape');
  await goBy(ru.set_fields);
  await page().getByRole('row').nth(2).waitFor();
  expect((await keyList()).join()).toMatch(/city,floor$/);
  await keys.tabTo(ru.field_drag.replace('{title}', 'Этаж'));
  await keys.press('Alt+ArrowUp');
  await until('floor before city', async () => (await keyList()).join().endsWith('floor,city'));
});

test('8. a bot of three blocks is built', async () => {
  await goBy(ru.set_scenarios);
  await page().locator('[data-scenario]').first().waitFor();
  await keys.tabTo(ru.scn_new);
  await keys.press('Enter');
  await page().getByRole('dialog').waitFor();
  if ((await keys.focused()).name !== ru.scn_name) await keys.tabTo(ru.scn_name);
  await keys.type('Три блока');
  await keys.press('Enter');
  await page().getByTestId('save-mark').waitFor();
  const cards = page().getByTestId('block-card');
  for (const [index, text] of ['Здравствуйте', 'Чем помочь?', 'Спасибо'].entries()) {
    await keys.tabTo(ru.scn_kind_message, index === 0 ? 'Tab' : 'Shift+Tab', 'BUTTON');
    await keys.press('Enter');
    await until('the block', async () => (await cards.count()) === index + 1);
    if ((await keys.focused()).name !== ru.scn_text) await keys.tabTo(ru.scn_text);
    await keys.type(text);
  }
  await keys.press('Control+KeyS');
  const texts = ['Здравствуйте', 'Чем помочь?', 'Спасибо'];
  await until('three blocks that follow one another', async () => {
    const id = new URL(page().url()).pathname.split('/').at(-1);
    const { document } = await product.api.project<Draft>('GET', `/scenarios/${id}/draft`);
    const said = document.blocks.map(({ settings }) => settings.text);
    return document.edges.length === 2 && said.join() === texts.join();
  });
});

test('9. it is published', async () => {
  await keys.tabTo(ru.scn_publish, 'Shift+Tab');
  await keys.press('Enter');
  await page().getByTestId('publish').waitFor();
  if ((await keys.focused()).name !== ru.scn_publish) await keys.tabTo(ru.scn_publish);
  await keys.press('Enter');
  await page().getByText(ru.scn_published_version.replace('{version}', '1')).waitFor();
});

test('10. a number of a report is followed down to the clients behind it', async () => {
  await page().getByRole('dialog').waitFor({ state: 'detached' });
  await goBy(ru.set_scenarios);
  await page().locator('[data-scenario]').first().waitFor();
  await keys.tabTo(`${ru.more}: Сбор телефона`);
  await keys.press('Enter');
  await page().getByRole('menuitem', { name: ru.rep_title }).waitFor();
  await keys.arrowTo(ru.rep_title);
  await keys.press('Enter');
  await page().getByTestId('report-card').first().waitFor();
  await keys.tabTo(/^Запуск: запусков 7/);
  await keys.press('ArrowRight', 2);
  await keys.isOn(/^Спросить телефон/);
  await keys.tabTo(/Клиент ответил некорректно.*показать получателей/);
  await keys.press('Enter');
  const people = page().getByRole('dialog');
  await people.getByRole('heading', { name: ru.rep_people_count.replace('{count}', '1') }).waitFor();
  await until('Пётр in the list', async () =>
    /Пётр/.test((await people.getByTestId('recipients').textContent()) ?? ''),
  );
});
