import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api } from './support/api';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let second: Api;
let fake: TelegramFake;
let shop: Control;
let studio: Control;
let browser: Browser;
let operator: Watched;
let desk: Desk;

/** Two projects, each with a bot of its own. */
beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const made = await product.api.call<{ id: string }>('POST', '/projects', { name: 'Студия' });
  second = new Api(product.origin, product.made.api_key, made.id);
  [shop, studio] = [new Control(fake, fake.newBot()), new Control(fake, fake.newBot())];
  await product.api.connectTelegram(fake.url, shop.bot.token, 'webhook');
  await second.connectTelegram(fake.url, studio.bot.token, 'webhook');
  operator = await newPerson(browser);
  await countNotes();
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const palette = () => page().getByTestId('palette');
const notes = () => page().evaluate(() => (window as unknown as { notes: number }).notes);

/** No ears here: what the page would sound is counted. */
function countNotes() {
  return operator.page.addInitScript(() => {
    const counter = window as unknown as { notes: number };
    counter.notes = 0;
    const create = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
      counter.notes += 1;
      return create.call(this);
    };
  });
}

test('one list shows the conversations of every project, and the choice stays', async () => {
  shop.person(701, 'Лена').says('Из лавки');
  const first = await product.api.conversationWith('Из лавки');
  studio.person(702, 'Пётр').says('Из студии');
  const other = await second.conversationWith('Из студии');
  await desk.goto('/inbox');
  await desk.newFolder.click();
  await desk.row(first.id).waitFor();
  expect(await desk.row(other.id).count()).toBe(0);
  await page().getByRole('button', { name: ru.project_filter }).click();
  await page().getByRole('menuitem', { name: ru.all_projects }).click();
  await desk.row(other.id).getByText('Студия').waitFor();
  await desk.row(first.id).getByText('Лавка').waitFor();
  await page().reload();
  await desk.newFolder.click();
  await desk.row(other.id).click();
  await desk.bubble('Из студии').waitFor();
  expect(await desk.newFolder.locator('.count').innerText()).toBe('2');
  expect(await axeFindings(page())).toEqual([]);
});

test('what nobody had read begins under a line, which stays until one answers', async () => {
  const person = shop.person(703, 'Зоя');
  person.says('Первое');
  const conversation = await product.api.conversationWith('Первое');
  await desk.open(conversation.id);
  await page().getByTestId('unread-line').waitFor();
  await desk.say('Слушаю вас');
  await desk.bubble('Слушаю вас').waitFor();
  expect(await page().getByTestId('unread-line').count()).toBe(0);
  await desk.goto('/inbox');
  person.says('Второе');
  person.says('Третье');
  await until('both', async () => (await product.api.texts(conversation.id)).includes('Третье'));
  await desk.open(conversation.id);
  const line = page().getByTestId('unread-line');
  await line.waitFor();
  await desk.bubble('Второе').waitFor();
  // In one look: the list may still move to its end.
  const placed = await page().evaluate(() => {
    const marks = [...document.querySelectorAll('[data-testid="unread-line"], [data-testid="message"]')];
    return marks.map((mark) => ({
      text: mark.matches('[data-testid="message"]') ? mark.textContent : 'line',
      y: mark.getBoundingClientRect().y,
    }));
  });
  const yOf = (text: string) => placed.find((mark) => mark.text.includes(text))!.y;
  expect(yOf('Слушаю вас')).toBeLessThan(yOf('line'));
  expect(yOf('line')).toBeLessThan(yOf('Второе'));
});

/** What comes before the page listens is in its lists already, and makes no sound. */
async function listening(arrive: () => Promise<unknown>) {
  const subscribed = page()
    .waitForEvent('websocket')
    .then((socket) =>
      socket.waitForEvent('framesent', ({ payload }) => String(payload).includes('"subscribe"')),
    );
  await Promise.all([arrive(), subscribed]);
}

test('a client elsewhere is heard, unless the sound is switched off', async () => {
  await listening(() => desk.goto('/inbox'));
  await page().getByTestId('me-menu').first().waitFor();
  const person = shop.person(704, 'Роман');
  person.says('Слышно?');
  await until('two notes', async () => (await notes()) === 2);
  await page().getByTestId('me-menu').first().click();
  await page().getByRole('menuitem', { name: ru.sound }).click();
  await page().reload();
  await page().getByTestId('me-menu').first().waitFor();
  person.says('А теперь?');
  const conversation = await product.api.conversationWith('А теперь?');
  await desk.newFolder.click();
  await desk.row(conversation.id).getByText('А теперь?').waitFor();
  expect(await notes()).toBe(0);
});

test('the palette leads to a chat, a client and a setting from the keyboard', async () => {
  await desk.goto('/inbox');
  await page().getByTestId('me-menu').first().waitFor();
  await page().keyboard.press('Control+KeyK');
  const input = palette().getByRole('combobox');
  await input.fill('роман');
  await palette().getByText(ru.palette_chats).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await input.press('Enter');
  await page().waitForURL('**/inbox/cnv_*');
  await desk.bubble('А теперь?').waitFor();
  // From inside a text field, too.
  await desk.composer.press('Control+KeyK');
  await input.fill('лицевой');
  await palette().getByRole('option', { name: 'Лицевой счёт' }).waitFor();
  await input.press('Enter');
  await page().waitForURL('**/settings/fields?field=personal_account');
  await page().getByRole('heading', { name: 'Лицевой счёт' }).first().waitFor();
  await page().keyboard.press('Control+KeyK');
  await input.fill('такого нет');
  await until('only the search everywhere', async () => {
    const found = await palette().getByRole('option').allTextContents();
    return found.length === 1 && found[0]!.includes('такого нет');
  });
  await page().keyboard.press('Escape');
  await palette().waitFor({ state: 'hidden' });
});
