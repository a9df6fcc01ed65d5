import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

/** Check 14: two operators at one conversation know of each other, and no answer runs into another. */
const BORIS = { email: 'boris@fern.example', name: 'Борис Ёлкин', password: 'moss-and-fern-43' };
const SEEN_MS = 1_000;
const GONE_MS = 8_000;

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let anna: Desk;
let boris: Desk;
let id: string;
const people: Watched[] = [];

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const bot = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, bot.bot.token, 'webhook');
  bot.person(921, 'Лена').says('Кто здесь?');
  id = (await product.api.conversationWith('Кто здесь?')).id;
  await product.api.addColleague(BORIS);
  anna = await seat();
  await anna.signIn();
  boris = await seat();
  await boris.goto('/inbox');
  await boris.fillSignIn(BORIS.email, BORIS.password);
  await boris.page.getByTestId('me-menu').first().waitFor();
  await anna.newFolder.click();
  await anna.row(id).waitFor();
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
  return new Desk(person.page, product.origin);
}

const typing = ru.typing_named.replace('{name}', BORIS.name);

test('who looks and who writes is seen in the list within a second', async () => {
  await boris.open(id);
  const row = anna.row(id);
  await row.getByTestId('row-viewers').waitFor({ timeout: SEEN_MS });
  expect(await row.getByTestId('row-viewers').getAttribute('aria-label')).toContain(BORIS.name);
  await boris.composer.pressSequentially('Д');
  await row.getByTestId('row-answering').waitFor({ timeout: SEEN_MS });
  expect(await row.getByTestId('row-answering').innerText()).toBe(typing);
  expect(await axeFindings(anna.page)).toEqual([]);
});

test('and in the thread; it is gone with whoever leaves', async () => {
  await anna.open(id);
  await anna.page.getByTestId('viewers').getByText(BORIS.name).waitFor();
  await boris.composer.pressSequentially('а');
  await anna.page
    .getByText(typing)
    .first()
    .waitFor({ timeout: SEEN_MS + 1_500 });
  await boris.page.getByTestId('viewers').waitFor();
  await boris.goto('/clients');
  await anna.page.getByTestId('viewers').waitFor({ state: 'detached', timeout: GONE_MS });
});

test('an answer that did not see the other is stopped and shows it', async () => {
  await boris.open(id);
  await anna.composer.fill('Я отвечу');
  // Anna hears of nothing while Boris answers.
  await people[0]!.context.setOffline(true);
  await boris.say('Уже ответил');
  await boris.bubble('Уже ответил').locator('[data-delivery=sent]').waitFor();
  await anna.composer.press('Enter');
  await people[0]!.context.setOffline(false);
  await anna.page.getByRole('button', { name: ru.stale_review }).waitFor();
  await anna.bubble('Уже ответил').waitFor();
  const texts = await product.api.texts(id);
  expect(texts).toEqual(['Кто здесь?', 'Уже ответил']);
});
