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
const people: Watched[] = [];
let anna: Desk;
let boris: Desk;
let id: string;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const shop = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, shop.bot.token, 'webhook');
  shop.person(701, 'Лена').says('Где заказ?');
  id = (await product.api.conversationWith('Где заказ?')).id;
  await product.api.addColleague(BORIS);
  anna = await seat();
  await anna.signIn();
  boris = await seat();
  await boris.goto('/inbox');
  await boris.fillSignIn(BORIS.email, BORIS.password);
  await boris.page.getByTestId('me-menu').first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

async function seat(): Promise<Desk> {
  const person = await newPerson(browser);
  people.push(person);
  // No ears here: what the page would sound is counted.
  await person.page.addInitScript(() => {
    const counter = window as unknown as { notes: number };
    counter.notes = 0;
    const create = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
      counter.notes += 1;
      return create.call(this);
    };
  });
  return new Desk(person.page, product.origin);
}

const notes = (desk: Desk) => desk.page.evaluate(() => (window as unknown as { notes: number }).notes);

test('a colleague is picked by @, named in the note, told, and finds it until it is read', async () => {
  await anna.open(id);
  await anna.page.getByRole('button', { name: ru.accept, exact: true }).click();
  await anna.page.getByRole('button', { name: ru.composer_note, exact: true }).click();
  await until('nothing sounds yet', async () => (await notes(boris)) >= 0);
  const before = await notes(boris);
  await anna.composer.pressSequentially('Глянь, @ёл');
  const picker = anna.page.getByTestId('mention-picker');
  await picker.getByRole('option', { name: BORIS.name }).waitFor();
  expect(await axeFindings(anna.page)).toEqual([]);
  await anna.page.keyboard.press('Enter');
  await until('the name', async () => (await anna.composer.inputValue()) === `Глянь, @${BORIS.name} `);
  await anna.composer.pressSequentially('пожалуйста');
  await anna.composer.press('Enter');
  const note = anna.bubble('пожалуйста');
  await note
    .getByTestId('mention')
    .filter({ hasText: `@${BORIS.name}` })
    .waitFor();

  // The chat is Anna's, and Boris is told all the same.
  await until('a sound', async () => (await notes(boris)) > before);
  await boris.page.getByTestId('mentioned').waitFor();
  expect(await axeFindings(boris.page)).toEqual([]);
  await boris.page.getByRole('group', { name: ru.folders }).getByRole('button', { name: ru.more }).click();
  await boris.page.getByRole('menuitem', { name: ru.folder_mentions }).click();
  await boris.row(id).click();
  await boris.bubble('пожалуйста').getByTestId('mention').waitFor();
  expect(await axeFindings(boris.page)).toEqual([]);
  // No row goes from under the pointer.
  await boris.composer.hover();
  await boris.row(id).waitFor({ state: 'detached' });
  expect(await anna.page.getByTestId('mentioned').count()).toBe(0);
});

test('a name typed by hand names its owner, and an answer to the client names nobody', async () => {
  await anna.composer.fill(`@${BORIS.name}, ещё раз`);
  await anna.composer.press('Enter');
  await anna.bubble('ещё раз').getByTestId('mention').waitFor();
  await anna.page.getByRole('button', { name: ru.composer_reply, exact: true }).click();
  await anna.composer.pressSequentially('Спросим @');
  expect(await anna.page.getByTestId('mention-picker').count()).toBe(0);
  await anna.composer.fill(`Спросим @${BORIS.name}`);
  await anna.composer.press('Enter');
  await anna.bubble('Спросим').waitFor();
  const [last] = (await product.api.messages(id)).filter(({ kind }) => kind === 'message').slice(-1);
  expect((last!.content as unknown as { mentions?: string[] }).mentions ?? []).toEqual([]);
});
