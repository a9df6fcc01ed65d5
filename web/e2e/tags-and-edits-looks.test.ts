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
let id: string;

const COLOURS = ['grey', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'indigo', 'violet', 'pink'];

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const shop = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, shop.bot.token, 'webhook');
  shop.person(941, 'Лена Папоротникова').says('Где мой заказ с самой длинной лампой из каталога?');
  const conversation = await product.api.conversationWith(
    'Где мой заказ с самой длинной лампой из каталога?',
  );
  id = conversation.id;
  for (const colour of COLOURS) await product.api.project('POST', '/tags', { name: `Тег ${colour}`, colour });
  const tags = [
    ...COLOURS.map((colour) => `Тег ${colour}`),
    'Очень-длинный-тег-которого-нет-ни-в-одном-списке',
  ];
  await product.api.project('PATCH', `/contacts/${conversation.contact_id}`, { tags });
  await product.api.project('POST', '/saved-views', {
    name: 'Красные',
    query: { tag: 'Тег red' },
    shared: true,
  });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
});

test.each(LOOKS)(
  'tags, keys and edits: $locale, dark $dark, $width',
  async ({ locale, dark, width }) => {
    const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
    const height = width < 900 ? 844 : 900;
    const { page, context, faults } = await newPerson(browser, { dark, width, height });
    const desk = new Desk(page, product.origin);
    const looksRight = async (name: string) => {
      expect(await axeFindings(page), name).toEqual([]);
      await until(`nothing to scroll sideways in ${name}`, () =>
        page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
      );
      await shot(page, `edits-${name}-${lookName({ locale, dark, width })}`);
    };
    await desk.signIn();
    await desk.changeMe({ locale });

    await desk.settings(product.made.project_id, 'tags');
    await page.getByTestId('tag-row').nth(9).waitFor();
    await looksRight('tags');
    await page.getByRole('button', { name: 'Тег red', exact: true }).click();
    await page.getByLabel(words.tag_name).fill('Тег красный');
    await page.getByTestId('tag-usage').getByText('Красные').waitFor();
    await looksRight('tag-form');
    await page.getByLabel(words.tag_name).fill('Тег red');
    await page.getByRole('button', { name: words.cancel, exact: true }).click();
    await page.getByRole('button', { name: `${words.more}: Тег red` }).click();
    await page.getByRole('menuitem', { name: words.delete }).click();
    await page.getByRole('dialog').getByTestId('typed-name').waitFor();
    await looksRight('tag-delete');
    await page.keyboard.press('Escape');
    await desk.dialogsGone();

    await desk.open(id);
    const said = `Уже едет ${locale} ${width} ${dark}`;
    await desk.say(said);
    await desk.bubble(said).locator('[data-delivery=sent]').waitFor();
    await desk.bubble('Где мой заказ').first().hover();
    await desk.bubble('Где мой заказ').first().getByTestId('bubble-menu').click();
    await page.getByRole('menuitem', { name: words.msg_answer }).click();
    await page.getByTestId('composing').waitFor();
    await looksRight('answering');
    await desk.say(`В ответ ${said}`);
    await desk.bubble(`В ответ ${said}`).getByTestId('quote').waitFor();
    await looksRight('quote');
    await desk.bubble(`В ответ ${said}`).hover();
    await desk.bubble(`В ответ ${said}`).getByTestId('bubble-menu').click();
    await page.getByRole('menuitem', { name: words.edit }).waitFor();
    await looksRight('bubble-menu');
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });

    if (width > 900) {
      await desk.page.getByTestId('tag').nth(10).waitFor();
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      await page.keyboard.press('KeyL');
      await page.getByTestId('tag-input').fill('новый');
      await page.getByRole('option').first().waitFor();
      await looksRight('tag-picker');
      await page.keyboard.press('Escape');
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    }
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press('Shift+Slash');
    await page.getByRole('dialog', { name: words.shortcuts }).waitFor();
    await looksRight('keys');
    await page.keyboard.press('Escape');
    await desk.dialogsGone();
    expect(faults).toEqual([]);
    await context.close();
  },
  90_000,
);
