import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { MailServer } from './support/mail';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { StartChatDialog, connectMail } from './support/start-chat';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let mail: MailServer;
let fake: TelegramFake;
let browser: Browser;

/** Two channels, two projects, and clients with names short and long. */
beforeAll(async () => {
  [product, mail, fake, browser] = await Promise.all([
    Product.start(),
    MailServer.start(),
    TelegramFake.start(),
    launchBrowser(),
  ]);
  const bot = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, bot.bot.token, 'webhook');
  await connectMail(product, mail);
  await product.api.call('POST', '/projects', { name: 'Второй магазин' });
  bot.person(601, 'Марина', 'marina_kv').says('Есть торшеры?');
  bot.person(602, 'Марианна-Екатерина Константиновна Воскресенская-Преображенская', 'm').says('Вопрос');
  await product.api.conversationWith('Вопрос');
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await mail?.stop();
  fake?.stop();
});

const fits = (page: Page) =>
  until('nothing to scroll sideways', () =>
    page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('.ok-dialog .body')].every(
        (element) => element.scrollWidth <= element.clientWidth + 1,
      ),
    ),
  );

describe.each(LOOKS)(
  'axe has nothing serious to say: $locale, dark $dark, $width',
  ({ locale, dark, width }) => {
    const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
    const look = `${lookName({ locale, dark, width })}`;
    let operator: Watched;
    let desk: Desk;
    let start: StartChatDialog;

    beforeAll(async () => {
      operator = await newPerson(browser, { dark, width, height: 844 });
      desk = new Desk(operator.page, product.origin);
      start = new StartChatDialog(operator.page);
      await desk.signIn();
      await desk.changeMe({ locale });
      await desk.goto('/inbox');
    });

    afterAll(async () => {
      await operator?.context.close();
      expect(operator?.faults).toEqual([]);
    });

    async function looksRight(name: string) {
      expect(await axeFindings(operator.page)).toEqual([]);
      await fits(operator.page);
      await shot(operator.page, `start-chat-${name}-${look}`);
    }

    test('the way to it, and the dialog as it opens', async () => {
      const { page } = operator;
      await page.getByTestId('me-menu').first().click();
      await page.getByRole('menuitem', { name: words.start_chat }).waitFor();
      await looksRight('menu');
      await page.getByRole('menuitem', { name: words.start_chat }).click();
      await start.to.waitFor();
      await looksRight('empty');
    });

    test('clients who were found, and an address with its channels', async () => {
      await start.to.fill('мари');
      await start.known('Воскресенская').waitFor();
      await looksRight('found');
      await start.to.fill('anna@client.example');
      await start.closedWay('Telegram').waitFor();
      await start.text.fill('Добрый день! Ваша лампа приехала.');
      await looksRight('address');
    });

    test('a client who was chosen, and a list that is a mailing', async () => {
      await start.to.fill('@marina_kv');
      await start.known('Марина').getByRole('button').first().click();
      await start.openWay('Telegram').waitFor();
      await looksRight('client');
      await start.dialog.getByRole('button', { name: words.search_client_change }).click();
      await start.to.fill('a@client.example, b@client.example');
      await start.dialog.getByRole('link', { name: words.start_chat_many_open }).waitFor();
      await looksRight('many');
    });
  },
);

test('while the channels come, when they fail and when they are refused', async () => {
  const { page, context } = await newPerson(browser, { width: 390, height: 844 });
  const desk = new Desk(page, product.origin);
  const start = new StartChatDialog(page);
  await desk.signIn();
  await desk.changeMe({ locale: 'ru' });
  await desk.goto('/inbox');
  await page.getByTestId('me-menu').first().waitFor();
  await start.open();
  const states: [number, string, string][] = [
    [503, 'unavailable', ru.retry],
    [403, 'forbidden', ru.no_access],
  ];
  for (const [status, code, text] of states) {
    await page.unrouteAll();
    await page.route('**/chats/preview', (route) =>
      route.fulfill({
        status,
        contentType: 'application/json',
        body: JSON.stringify({ code, title: 'x', status }),
      }),
    );
    await start.to.fill(`anna${status}@client.example`);
    await start.dialog.getByText(text).first().waitFor();
    expect(await axeFindings(page)).toEqual([]);
  }
  await page.unrouteAll();
  await start.to.fill('anna@client.example');
  await start.openWay('Почта').waitFor();
  await context.close();
});
