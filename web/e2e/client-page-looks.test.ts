import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { picture } from './support/samples';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let contactId: string;

/** Somebody with two channels, a long name, files, tags and a conversation. */
beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  await product.api.addPhoneRule();
  control.person(700, 'Ольга Вершинина', 'olga_v').says('Пришлите, пожалуйста, счёт');
  const conversation = await product.api.conversationWith('Пришлите, пожалуйста, счёт');
  contactId = conversation.contact_id;
  await product.api.project('PATCH', `/contacts/${contactId}`, {
    fields: { phone: '+7 922 555-07-19', email: 'olga.vershinina.perm@pochta.example' },
    tags: ['постоянный', 'торшеры'],
  });
  await product.api.project('POST', '/contacts', {
    channel: 'api',
    external_id: 'olga-с-очень-длинным-именем-из-таблицы-1',
    fields: { name: 'Вершинина О. К.', phone: '8 922 555 07 19' },
  });
  const files = [
    await product.api.upload('schet-71048.txt', 'text/plain', new TextEncoder().encode('счёт')),
    await product.api.upload('skol-abazhur.png', 'image/png', picture()),
  ];
  await product.api.send(
    conversation.id,
    'Вот счёт и фото',
    files.map(({ id }) => id),
  );
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
});

test.each(LOOKS)('the page of a client: $locale, dark $dark, $width', async ({ locale, dark, width }) => {
  const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
  const { page, context, faults } = await newPerson(browser, {
    dark,
    width,
    height: width < 900 ? 844 : 900,
  });
  const desk = new Desk(page, product.origin);
  const look = lookName({ locale, dark, width });
  const picture = (name: string) => shot(page, `client-page-${name}-${look}`);
  const looksRight = async (name: string) => {
    expect(await axeFindings(page)).toEqual([]);
    await until('nothing to scroll sideways', () =>
      page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    );
    await picture(name);
  };
  await desk.signIn();
  await desk.changeMe({ locale });
  await desk.goto(`/clients/${contactId}`);
  await page.getByTestId('client-files').getByText('skol-abazhur.png').waitFor();
  await looksRight('card');
  if (width < 900) {
    await page.getByRole('button', { name: words.client_timeline }).click();
    await desk.bubble('Вот счёт и фото').waitFor();
    await looksRight('timeline');
  }
  await page.getByRole('button', { name: words.start_chat_write, exact: true }).click();
  await page.getByTestId('open-way').first().waitFor();
  await looksRight('write');
  await context.close();
  expect(faults).toEqual([]);
});
