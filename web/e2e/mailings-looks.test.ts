import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Mailings } from './support/mailings';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let draft: string;
let done: string;

const LONG = 'Рассылка с длинным названием: лампы к любому торшеру в подарок до десятого декабря';

/** One that was sent and one that is being written, to people with tags and a field that some of them lack. */
beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'polling');
  const mailings = new Mailings(product, control);
  const people = ['Нина Ветрова', 'Пётр', 'Вера', 'Константин Александрович Длиннофамильев'];
  for (const [at, name] of people.entries()) await mailings.come(700 + at, name, `person_${at}`, ['опт']);
  ({ id: done } = await mailings.make('Осенний свет'));
  await mailings.start(done);
  await mailings.is(done, 'done');
  const another = await mailings.make('Летний свет');
  await mailings.start(another.id);
  await mailings.is(another.id, 'done');
  const opted = (await product.api.conversationWith('Здравствуйте, это Вера')).contact_id;
  await product.api.project('PUT', `/contacts/${opted}/opt-out`, {});
  const audience = {
    all: [{ any: [{ tag: 'опт' }, { wrote: true, within_days: 30 }] }, { channel: 'telegram' }],
  };
  ({ id: draft } = await mailings.make(LONG, {
    audience,
    body: { text: '{{name}}, лампы в подарок. Привезём в {{city|ваш город}}.' },
    channels: ['telegram', 'site'],
    schedule: { at: '2099-01-01T10:00', quiet: { from: '21:00', to: '09:00' } },
    frequency: { times: 9, days: 7 },
  }));
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
});

const fits = (page: Page) =>
  until('nothing to scroll sideways', () =>
    page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
  );

describe.each(LOOKS)(
  'axe has nothing serious to say: $locale, dark $dark, $width',
  ({ locale, dark, width }) => {
    const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
    const look = `${lookName({ locale, dark, width })}`;
    let owner: Watched;
    let desk: Desk;
    let page: Page;

    beforeAll(async () => {
      owner = await newPerson(browser, { dark, width, height: 844 });
      page = owner.page;
      desk = new Desk(page, product.origin);
      await desk.signIn();
      await desk.changeMe({ locale });
    });

    afterAll(async () => {
      await owner?.context.close();
      expect(owner?.faults).toEqual([]);
    });

    async function looksRight(name: string) {
      expect(await axeFindings(page)).toEqual([]);
      await fits(page);
      await shot(page, `${name}-${look}`);
    }
    const open = (id: string, step: string) =>
      desk.goto(`/projects/${product.made.project_id}/mailings/${id}?step=${step}`);

    test('the list, its settings and a comparison', async () => {
      await desk.settings(product.made.project_id, 'mailings');
      await page.getByRole('row').filter({ hasText: LONG }).waitFor();
      await looksRight('list');
      await page.getByRole('button', { name: words.mailing_settings }).click();
      await page.getByRole('dialog').getByText('unsubscribe', { exact: true }).waitFor();
      await looksRight('settings');
      await page.keyboard.press('Escape');
      await desk.dialogsGone();
      for (const title of ['Осенний свет', 'Летний свет'])
        await page.getByLabel(`${words.mailing_compare}: ${title}`).check();
      await page.getByRole('button', { name: words.mailing_compare_two }).click();
      await page.getByTestId('compare').waitFor();
      await looksRight('compare');
    });

    test('to whom, and a pasted list', async () => {
      await open(draft, 'who');
      await page.getByTestId('audience-count').getByRole('button').first().waitFor();
      await looksRight('who');
      await page.getByRole('button', { name: words.mailing_list_add }).click();
      await page.getByLabel(words.mailing_list_label, { exact: true }).fill('@person_1\n@nobody_at_all');
      await page.getByRole('button', { name: words.mailing_list_find }).click();
      await page.getByTestId('unmatched').waitFor();
      await looksRight('list-dialog');
    });

    test('what and when', async () => {
      await open(draft, 'what');
      await page.getByTestId('sample').locator('mark').first().waitFor();
      await looksRight('what');
      await open(draft, 'when');
      await page.getByRole('switch', { name: words.mailing_cap }).waitFor();
      await looksRight('when');
    });

    test('the check, and the people behind a number', async () => {
      await open(draft, 'check');
      await page.getByTestId('zones').waitFor();
      await page.getByTestId('sample').waitFor();
      await looksRight('check');
      await page.getByTestId('equation').getByRole('button').first().click();
      await page.getByTestId('mailing-recipients').waitFor();
      await looksRight('people');
    });

    test('what became of one, and its people', async () => {
      await open(done, '');
      await page.getByTestId('result').waitFor();
      await looksRight('run');
      await page.getByTestId('run-equation').getByRole('button').first().click();
      await page.getByTestId('mailing-recipients').waitFor();
      await looksRight('recipients');
    });
  },
);

describe('the states of the list', () => {
  test('failed, refused, and none at all', async () => {
    const owner = await newPerson(browser, { width: 1280, height: 844 });
    const desk = new Desk(owner.page, product.origin);
    await desk.signIn();
    await desk.changeMe({ locale: 'ru' });
    const list = /\/api\/v1\/projects\/[^/]+\/mailings\?/;
    const says = async (status: number, body: object, words: string) => {
      await owner.page.route(list, (route) => route.fulfill({ status, json: body }));
      await desk.settings(product.made.project_id, 'mailings');
      await owner.page.getByText(words, { exact: true }).first().waitFor();
      expect(await axeFindings(owner.page)).toEqual([]);
      await owner.page.unroute(list);
    };
    await says(500, { code: 'internal' }, ru.retry);
    await says(403, { code: 'forbidden' }, ru.no_access);
    await says(200, { items: [], next_cursor: null }, ru.mailing_none);
    await owner.context.close();
  });
});
