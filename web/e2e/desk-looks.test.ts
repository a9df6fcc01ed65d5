import { readdirSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import type { Conversation } from './support/api';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { picture } from './support/samples';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let conversation: Conversation;

/** One joined client with a picture, a note, a failed message and answers: every kind of thing a thread shows. */
beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const { api } = product;
  const [first, second] = [new Control(fake, fake.newBot()), new Control(fake, fake.newBot())];
  for (const { bot } of [first, second]) await api.connectTelegram(fake.url, bot.token, 'webhook');
  await api.addPhoneRule();
  for (const control of [first, second]) {
    const nina = control.person(7, 'Нина');
    nina.says('Есть «Луна 40» https://fern.example/luna ?');
    nina.sharesContact('79125550142', 7);
    nina.sendsPhoto(picture(), 'вот такая');
  }
  // What is answered goes where the client wrote last: nothing of theirs may come later.
  conversation = await until('the joined client', async () => {
    const both = await api.conversations();
    const hasAll =
      both.length === 2 && both.every(({ last_message }) => last_message?.content.attachments.length);
    return hasAll && both.find((one) => one.contact.multi_contact_size === 2);
  });
  await api.note(conversation.id, 'Постоянный клиент');
  await api.settled(await api.send(conversation.id, 'Есть, *две* штуки'), 'sent');
  for (const control of [first, second]) {
    control.fault('sendMessage', { kind: 'refuse', code: 400, description: 'Bad Request: no' });
  }
  await api.settled(await api.send(conversation.id, 'Не дойдёт'), 'failed');
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
});

const SETTINGS = readdirSync(
  new URL('../apps/desk/src/routes/(app)/projects/[projectId]/settings', import.meta.url),
  { withFileTypes: true },
).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

describe.each([
  { look: 'light, wide, Russian', width: 1280, height: 800, dark: false, locale: 'ru' },
  { look: 'dark, wide, English', width: 1280, height: 800, dark: true, locale: 'en' },
  { look: 'light, phone, English', width: 390, height: 844, dark: false, locale: 'en' },
  { look: 'dark, phone, Russian', width: 390, height: 844, dark: true, locale: 'ru' },
])('axe has nothing serious to say: $look', (options) => {
  const words = options.locale === 'ru' ? ru : en;
  let operator: Watched;
  let desk: Desk;

  beforeAll(async () => {
    operator = await newPerson(browser, options);
    desk = new Desk(operator.page, product.origin);
  });

  afterAll(async () => {
    await operator?.context.close();
    expect(operator?.faults).toEqual([]);
  });

  test('sign-in, with a refusal', async () => {
    await desk.goto('/sign-in');
    await desk.fillSignIn('nobody@fern.example', 'wrong-wrong-wrong');
    await operator.page.getByRole('alert').waitFor();
    const theme = await operator.page.evaluate(() => document.documentElement.dataset.theme);
    expect(theme).toBe(options.dark ? 'dark' : 'light');
    expect(await axeFindings(operator.page)).toEqual([]);
  });

  test('the list of conversations', async () => {
    await desk.signIn();
    await desk.changeMe({ locale: options.locale });
    await desk.goto('/inbox');
    await desk.showAll(words);
    await desk.row(conversation.id).waitFor();
    expect(await axeFindings(operator.page)).toEqual([]);
  });

  test('a thread', async () => {
    await desk.open(conversation.id);
    await desk.bubble('Не дойдёт').waitFor();
    expect(await axeFindings(operator.page)).toEqual([]);
  });

  test('a client card', async () => {
    await desk.goto(`/inbox/${conversation.id}?card=1`);
    await operator.page.locator('li.contact').first().waitFor();
    expect(await axeFindings(operator.page)).toEqual([]);
  });

  test.each(['/visitors', '/clients', '/sites'])('the page %s', async (path) => {
    await desk.goto(path);
    await operator.page.getByRole('heading').first().waitFor();
    await operator.page.locator('.skeleton').first().waitFor({ state: 'detached' });
    expect(await axeFindings(operator.page)).toEqual([]);
  });

  test.each(SETTINGS)('the settings page %s', async (section) => {
    await desk.settings(product.made.project_id, section);
    await operator.page.locator('.settings-page').getByRole('heading').first().waitFor();
    await operator.page.locator('.skeleton').first().waitFor({ state: 'detached' });
    expect(await axeFindings(operator.page)).toEqual([]);
  });
});

test('the language changes at once and stays after a reload', async () => {
  const operator = await newPerson(browser);
  const desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  await desk.changeMe({ locale: 'ru' });
  await operator.page.reload();
  await operator.page.getByRole('heading', { name: ru.nav_chats }).waitFor();
  await operator.page.getByTestId('me-menu').first().click();
  await operator.page.getByText('English').click();
  await operator.page.getByRole('heading', { name: en.nav_chats }).waitFor();
  await until('it to be stored', () =>
    operator.page.evaluate(async () => (await (await fetch('/api/v1/me')).json()).user.locale === 'en'),
  );
  await operator.page.reload();
  await operator.page.getByRole('heading', { name: en.nav_chats }).waitFor();
  expect(await operator.page.evaluate(() => document.documentElement.lang)).toBe('en');
  await operator.context.close();
});

test('on a phone one goes from the list to the thread to the card and back', async () => {
  const operator = await newPerson(browser, { width: 390, height: 844 });
  const { page } = operator;
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.changeMe({ locale: 'ru' });
  await page.reload();
  await desk.showAll();
  const fits = () =>
    until('nothing to scroll sideways', () =>
      page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
    );
  await desk.row(conversation.id).click();
  await desk.composer.waitFor();
  await desk.row(conversation.id).waitFor({ state: 'hidden' });
  await fits();
  await page.getByRole('button', { name: ru.card_open }).click();
  await desk.card.locator('li.contact').first().waitFor();
  expect(await desk.card.locator('li.contact').count()).toBe(2);
  await fits();
  await page.goBack();
  await desk.card.waitFor({ state: 'hidden' });
  await desk.say('С телефона');
  await desk.bubble('С телефона').waitFor();
  await page.getByRole('link', { name: ru.to_list }).click();
  await desk.row(conversation.id).waitFor();
  await fits();
  await operator.context.close();
});
