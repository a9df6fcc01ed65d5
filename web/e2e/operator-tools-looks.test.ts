import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
const ids: string[] = [];

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const shop = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, shop.bot.token, 'webhook');
  for (const [index, name] of ['Лена Папоротникова-Лиственная', 'Зоя', 'Пётр'].entries()) {
    shop.person(700 + index, name).says(`Я ${name}`);
    ids.push((await product.api.conversationWith(`Я ${name}`)).id);
  }
  await product.api.addColleague({
    email: 'b@fern.example',
    name: 'Борис Ёлкин',
    password: 'moss-and-fern-43',
  });
  const reply = (title: string, folder: string, text: string) =>
    product.api.project('POST', '/canned-replies', {
      title,
      folder,
      text,
      shortcut: title.slice(0, 4),
      shared: true,
    });
  await reply('Оплата по счёту для организаций', 'Продажи', 'Счёт пришлём на {{email}} в течение часа.');
  await reply('Доставка', 'Продажи', 'Привезём завтра с 10 до 18.');
  await reply('Приветствие', '', 'Здравствуйте, {{name|друг}}! Это {{operator.name}}.');
  await product.api.project('POST', '/saved-views', {
    name: 'Ждут дольше часа',
    shared: true,
    query: { folder: 'all', order: 'waiting', waiting_minutes: 60 },
  });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
});

test.each(LOOKS)('the tools of operators: $locale, dark $dark, $width', async ({ locale, dark, width }) => {
  const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
  const { page, context, faults } = await newPerson(browser, {
    dark,
    width,
    height: width < 900 ? 844 : 900,
  });
  const desk = new Desk(page, product.origin);
  const looksRight = async (name: string) => {
    expect(await axeFindings(page), name).toEqual([]);
    await until(`nothing to scroll sideways in ${name}`, () =>
      page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    );
    await shot(page, `tools-${name}-${lookName({ locale, dark, width })}`);
  };
  await desk.signIn();
  await desk.changeMe({ locale });

  await desk.goto('/canned-replies');
  await page.getByTestId('canned-reply').nth(2).waitFor();
  await looksRight('canned');
  await page.getByRole('button', { name: words.canned_new }).first().click();
  await page.locator('form').getByLabel(words.canned_name).waitFor();
  await looksRight('canned-form');
  await page.getByRole('button', { name: words.cancel, exact: true }).click();
  await page.getByRole('searchbox').fill('нетникакого');
  await page.getByRole('button', { name: words.clear_filters }).waitFor();
  await looksRight('canned-nothing');

  await desk.open(ids[0]!);
  await desk.composer.pressSequentially('/');
  await page.getByTestId('canned-picker').getByRole('option').nth(2).waitFor();
  await looksRight('canned-picker');
  await desk.composer.pressSequentially('опла');
  await page.keyboard.press('Enter');
  await page.getByTestId('hole').waitFor();
  await looksRight('hole');
  await desk.composer.fill('');
  await page.getByTestId('emoji').click();
  await page.getByTestId('emoji-picker').locator('.cell').nth(20).waitFor();
  await looksRight('emoji');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: words.composer_note, exact: true }).click();
  await desk.composer.pressSequentially('@');
  await page.getByTestId('mention-picker').getByRole('option').first().waitFor();
  await looksRight('mention');
  await desk.composer.fill('');
  await page.getByTestId('snooze-menu').click();
  await page.getByRole('menuitem', { name: words.snooze_reply }).waitFor();
  await looksRight('snooze-menu');
  await page.getByRole('menuitem', { name: words.snooze_reply }).click();
  await page.getByTestId('snoozed').waitFor();
  await looksRight('snoozed');

  await desk.goto('/inbox');
  await desk.showAll(words);
  await desk.row(ids[0]!).getByTestId('row-snoozed').waitFor();
  await page.getByTestId('filter').click();
  await page.getByTestId('picking').click();
  await page.locator(`[data-row="${ids[0]}"]`).getByTestId('pick').click();
  await page.locator(`[data-row="${ids[1]}"]`).getByTestId('pick').click();
  await page.getByTestId('bulk-bar').waitFor();
  await looksRight('list');
  await page.getByTestId('picking').click();
  await page.getByTestId('views').click();
  await page.getByRole('menuitem', { name: 'Ждут дольше часа' }).waitFor();
  await looksRight('views');
  await page.keyboard.press('Escape');
  await product.api.project('POST', `/conversations/${ids[0]}/wake`);
  await context.close();
  expect(faults).toEqual([]);
});
