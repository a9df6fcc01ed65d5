import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Conversation } from './support/api';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { OWNER, Product } from './support/product';
import { until } from './support/wait';
import { Widget } from './support/widget';
import { Control, type Person } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let control: Control;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let nina: Person;
let nextPerson = 100;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
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

beforeEach(() => {
  nina = control.person(nextPerson++, 'Нина');
});

async function talk(): Promise<Conversation> {
  const hello = `Добрый день от ${nina.user.id}`;
  nina.says(hello);
  return product.api.conversationWith(hello);
}

test('a wrong password is refused in words, the right one opens the inbox', async () => {
  const stranger = await newPerson(browser);
  const door = new Desk(stranger.page, product.origin);
  await door.goto('/inbox');
  await door.fillSignIn(OWNER.email, 'wrong-wrong-wrong');
  await stranger.page.getByText(ru.sign_in_wrong).waitFor();
  expect(await door.composer.count()).toBe(0);
  await door.fillSignIn(OWNER.email, OWNER.password);
  await stranger.page.getByTestId('me-menu').first().waitFor();
  expect(new URL(stranger.page.url()).pathname).toBe('/inbox');
  const [cookie] = await stranger.context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax' });
  await stranger.context.close();
});

test('a new conversation appears in the list by itself, and its last words change', async () => {
  await desk.goto('/inbox');
  await desk.newFolder.click();
  const conversation = await talk();
  const row = desk.row(conversation.id);
  await row.waitFor();
  nina.says('И ещё вопрос');
  await row.getByText('И ещё вопрос').waitFor();
});

test('a note is seen by the team and not by the client', async () => {
  const host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  const visitor = await newPerson(browser);
  const widget = new Widget(visitor.page);
  await visitor.page.goto(host.url);
  await widget.open();
  await widget.say('Вижу ли я заметки?');
  const conversation = await product.api.conversationWith('Вижу ли я заметки?');
  await desk.open(conversation.id);
  await desk.note('Клиент осторожный');
  await desk.bubble('Клиент осторожный').waitFor();
  await desk.say('Нет');
  await widget.bubble('Нет').waitFor();
  await visitor.page.reload();
  await widget.open();
  await widget.bubble('Нет').waitFor();
  expect(await widget.texts()).toEqual(['Вижу ли я заметки?', 'Нет']);
  expect(await visitor.page.content()).not.toContain('осторожный');
  await visitor.context.close();
  host.stop();
});

test('an operator takes a conversation, closes it and opens it again', async () => {
  const conversation = await talk();
  await desk.open(conversation.id);
  const status = async () => (await product.api.conversation(conversation.id)).status;
  await desk.page.getByRole('button', { name: ru.accept, exact: true }).click();
  await until('it to be open', async () => (await status()) === 'open');
  await desk.page.locator('header').getByRole('button', { name: ru.close, exact: true }).click();
  await until('it to be closed', async () => (await status()) === 'closed');
  await desk.page.locator('header').getByRole('button', { name: ru.reopen, exact: true }).click();
  await until('it to be open again', async () => (await status()) !== 'closed');
  const events = (await product.api.messages(conversation.id)).flatMap(
    (message) => message.content.event?.code ?? [],
  );
  expect(events).toEqual(['conversation.assigned', 'conversation.closed', 'conversation.reopened']);
});

test('a conversation is assigned from the menu of people', async () => {
  const conversation = await talk();
  await desk.open(conversation.id);
  await desk.page.getByTestId('assign-menu').click();
  await desk.page
    .getByRole('menuitemradio')
    .or(desk.page.getByRole('menuitem'))
    .filter({ hasText: 'anna' })
    .first()
    .click();
  await desk.page.getByTestId('event').waitFor();
  const codes = (await product.api.messages(conversation.id)).map((message) => message.content.event?.code);
  expect(codes).toContain('conversation.assigned');
});

test('a field of the card is edited in place', async () => {
  const conversation = await talk();
  await desk.open(conversation.id);
  const row = desk.field('E-mail');
  await row.getByRole('button').first().click();
  await row.locator('input').fill('nina@fern.example');
  await row.locator('input').press('Enter');
  await row.getByText('nina@fern.example').waitFor();
  const { fields } = await product.api.contact(conversation.contact_id);
  expect(fields.email).toMatchObject([{ value: 'nina@fern.example', source: 'operator' }]);
});

test('a wrong value is refused in words and nothing is stored', async () => {
  const field = { key: 'homepage', title: 'Страница клиента', kind: 'link', show_when_empty: true };
  await product.api.project('POST', '/fields', field);
  const conversation = await talk();
  await desk.open(conversation.id);
  const row = desk.field(field.title);
  await row.getByRole('button').first().click();
  await row.locator('input').fill('javascript:alert(1)');
  await row.locator('input').press('Enter');
  await row.getByRole('alert').waitFor();
  expect((await product.api.contact(conversation.contact_id)).fields.homepage).toBeUndefined();
});

test('when the server dies a banner says so; after its return nothing is missing', async () => {
  const conversation = await talk();
  await desk.open(conversation.id);
  await product.killHard();
  await desk.page.getByText(ru.offline).waitFor();
  await desk.say('Написано без связи');
  await desk.bubble('Написано без связи').waitFor();
  for (const text of ['пропущено раз', 'пропущено два']) nina.says(text);
  await product.run();
  await desk.page.getByText(ru.offline).waitFor({ state: 'hidden' });
  await desk.bubble('пропущено два').waitFor();
  await until('the own message to arrive', () => control.sent('Написано без связи').length === 1);
  await until('each message to be there once', async () => {
    const thread = await desk.thread();
    const wanted = [`Добрый день от ${nina.user.id}`, 'Написано без связи', 'пропущено два', 'пропущено раз'];
    return thread.sort().join() === wanted.sort().join();
  });
});

test('a failed message says why, and Retry makes a new attempt that Telegram sees', async () => {
  const conversation = await talk();
  await desk.open(conversation.id);
  control.fault('sendMessage', { kind: 'refuse', code: 400, description: 'Bad Request: not this time' });
  const text = `Повторите меня ${nina.user.id}`;
  await desk.say(text);
  const problem = desk.bubble(text).getByRole('alert');
  await problem.waitFor();
  expect(await problem.innerText()).toContain('not this time');
  expect(control.sent(text)).toHaveLength(1);
  await problem.getByRole('button', { name: ru.retry }).click();
  await desk.bubble(text).locator('[data-delivery=sent]').waitFor();
  expect(control.sent(text).map((line) => line.outcome)).toEqual(['refused', 'ok']);
});

test('a message without an answer is called unknown, and only a person repeats it', async () => {
  const conversation = await talk();
  await desk.open(conversation.id);
  control.fault('sendMessage', { kind: 'reset_after_accept' });
  const text = `Дошло ли ${nina.user.id}`;
  await desk.say(text);
  await desk.bubble(text).locator('[data-delivery=unknown]').waitFor();
  expect(await desk.bubble(text).innerText()).toContain(ru.delivery_unknown);
  await desk.bubble(text).getByRole('button', { name: ru.retry }).click();
  await desk.bubble(text).locator('[data-delivery=sent]').waitFor();
  expect(control.sent(text).map((line) => line.outcome)).toEqual(['reset', 'ok']);
});

test('signed out on one screen, the desk asks to sign in again', async () => {
  const other = await newPerson(browser);
  const second = new Desk(other.page, product.origin);
  await second.signIn();
  await second.page.getByTestId('me-menu').first().click();
  await second.page.getByRole('menuitem', { name: ru.sign_out, exact: true }).click();
  await second.page.waitForURL('**/sign-in**');
  await second.goto('/inbox');
  await second.page.locator('input[type=email]').waitFor();
  await other.context.close();
});
