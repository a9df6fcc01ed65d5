import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

/** A note as the page asked the browser for it. */
interface Note {
  title: string;
  body: string;
  tag: string;
  isOpen: boolean;
}

let product: Product;
let fake: TelegramFake;
let bot: Control;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let page: Page;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  bot = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, bot.bot.token, 'webhook');
  operator = await newPerson(browser);
  page = operator.page;
  await keepNotes(operator);
  desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.goto('/clients');
  await page.getByTestId('me-menu').first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults ?? []).toEqual([]);
});

/** No screen here to show notes on: what the page asks for is kept, and whether its window has the focus is told by the test. */
async function keepNotes({ page, context }: Watched) {
  await context.grantPermissions(['notifications'], { origin: product.origin });
  await page.addInitScript(() => {
    const kept: Note[] = [];
    class Kept {
      static readonly permission = 'granted';
      static requestPermission = () => Promise.resolve('granted');
      onclick: (() => void) | null = null;
      onclose: (() => void) | null = null;
      private readonly note: Note;
      constructor(title: string, { body = '', tag = '' }: NotificationOptions) {
        for (const one of kept) if (one.tag === tag) one.isOpen = false;
        this.note = { title, body, tag, isOpen: true };
        kept.push(this.note);
        Object.assign(window, { newest: this });
      }
      close() {
        this.note.isOpen = false;
        this.onclose?.();
      }
    }
    Object.assign(window, { Notification: Kept, kept, isAway: false });
    document.hasFocus = () => !(window as unknown as { isAway: boolean }).isAway;
  });
}

const notes = () => page.evaluate(() => (window as unknown as { kept: Note[] }).kept);
const open = async () =>
  (await notes()).filter(({ isOpen }) => isOpen).map(({ title, body }) => [title, body]);
const goAway = (isAway: boolean) => page.evaluate((away) => Object.assign(window, { isAway: away }), isAway);
const icon = () => page.locator('link[rel=icon]').getAttribute('href');
const choose = async (name: string | RegExp) => {
  await page.getByTestId('me-menu').first().click();
  await page.getByRole('menuitem', { name }).or(page.getByRole('menuitemcheckbox', { name })).click();
};
const unread = (count: number) =>
  until(`${count} in the title`, async () => (await page.title()).startsWith(count ? `(${count}) ` : 'К'));

test('the tab says how many conversations are unread, on whatever page', async () => {
  const title = await page.title();
  bot.person(1, 'Лена').says('Есть лампы?');
  bot.person(2, 'Роман').says('Когда привезёте?');
  await unread(2);
  expect(await icon()).toMatch(/favicon-unread\.svg$/);
  bot.person(1, 'Лена').says('Ау?');
  await product.api.conversationWith('Ау?');
  expect(await page.title()).toBe(`(2) ${title}`);
  await desk.goto('/visitors');
  await until('the number on the next page', async () => /^\(2\) /.test(await page.title()));
  await desk.open((await product.api.conversationWith('Ау?')).id);
  await until('one is read', async () => /^\(1\) /.test(await page.title()));
});

test('a note of the browser is there when it is wanted and the window is not before one’s eyes', async () => {
  await goAway(true);
  bot.person(3, 'Зоя').says('Пока тихо');
  await product.api.conversationWith('Пока тихо');
  await page.waitForTimeout(500);
  expect(await notes()).toEqual([]);
  await choose(ru.notifications);
  bot.person(3, 'Зоя').says('Добрый день');
  await until('a note', async () => (await open()).length === 1);
  expect(await open()).toEqual([['Зоя', 'Добрый день']]);
  bot.person(3, 'Зоя').says('Вы тут?');
  await until('one note a conversation', async () => (await open())[0]?.[1] === 'Вы тут?');
  expect(await open()).toHaveLength(1);
  await goAway(false);
  const before = (await notes()).length;
  bot.person(2, 'Роман').says('А сегодня?');
  await product.api.conversationWith('А сегодня?');
  await page.waitForTimeout(500);
  expect(await notes()).toHaveLength(before);
  await goAway(true);
});

test('it is gone when the conversation was read elsewhere', async () => {
  const other = await newPerson(browser);
  const elsewhere = new Desk(other.page, product.origin);
  await elsewhere.signIn();
  await elsewhere.open((await product.api.conversationWith('Вы тут?')).id);
  await until('no note', async () => (await open()).length === 0);
  await other.context.close();
  expect(other.faults).toEqual([]);
});

test('it opens its conversation', async () => {
  bot.person(2, 'Роман').says('Алло');
  await until('a note', async () => (await open()).length === 1);
  await page.evaluate(() => (window as unknown as { newest: { onclick: () => void } }).newest.onclick());
  await page.waitForURL('**/inbox/cnv_*');
  await desk.bubble('Алло').waitFor();
  expect(await open()).toEqual([]);
});

test('what a colleague or a bot answers is nobody else’s business', async () => {
  const boris = { name: 'Борис', email: 'boris@fern.example', password: 'тихий-свет-2026' };
  const user_id = await product.api.addColleague(boris);
  const { id } = await product.api.conversationWith('Добрый день');
  await product.api.project('POST', `/conversations/${id}/assign`, { user_id });
  const before = (await notes()).length;
  bot.person(3, 'Зоя').says('Это для Бориса');
  await product.api.conversationWith('Это для Бориса');
  bot.person(4, 'Яна').says('А это для всех');
  await until('the one for all', async () => (await open()).some(([title]) => title === 'Яна'));
  expect((await notes()).slice(before).map(({ title }) => title)).toEqual(['Яна']);
});

test('an hour of quiet has neither sound nor note, and can be ended', async () => {
  await choose(ru.quiet_hour);
  const before = (await notes()).length;
  bot.person(5, 'Юрий').says('Тихо?');
  await product.api.conversationWith('Тихо?');
  await page.waitForTimeout(500);
  expect(await notes()).toHaveLength(before);
  await page.getByTestId('me-menu').first().click();
  const end = page.getByRole('menuitem', { name: /Не беспокоить до/ });
  await end.or(page.getByRole('menuitemcheckbox', { name: /Не беспокоить до/ })).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await end.or(page.getByRole('menuitemcheckbox', { name: /Не беспокоить до/ })).click();
  bot.person(5, 'Юрий').says('А теперь?');
  await until('a note', async () => (await open()).some(([, body]) => body === 'А теперь?'));
});
