import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { Visitors, VisitorsPage } from './support/visitors';
import { until } from './support/wait';
import type { Widget } from './support/widget';

let product: Product;
let browser: Browser;
let visitors: Visitors;
let writer: Widget;
let writing: ReturnType<typeof setInterval>;
let conversationId: string;

/** Silent ones, one in a chat, and one who types where that is seen. */
beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  visitors = await Visitors.start(product, browser);
  await visitors.set({ typing_preview: true });
  const silent = await visitors.come('?utm_source=yandex&utm_medium=cpc&utm_campaign=Осенние+лампы');
  await visitors.go(
    silent,
    '/catalog/lamps/luna-40?colour=green',
    'Лампа «Луна 40», зелёная, с длинным названием',
  );
  await visitors.come('', { width: 390, height: 844 });
  const talker = await visitors.come('delivery');
  await talker.call('Chat', 'setFields', { name: 'Нина Ветрова', email: 'nina@fern.example' });
  await talker.open();
  await talker.say('Сколько стоит доставка?');
  writer = await visitors.come('basket');
  await writer.open();
  await writer.say('Есть вопрос');
  conversationId = (await product.api.conversationWith('Есть вопрос')).id;
  let turn = 0;
  writing = setInterval(
    () => void writer.field.fill(`Хочу спросить про лампу ${++turn}`).catch(() => {}),
    2_000,
  );
  await until('four visitors', async () => (await visitors.list()).length === 4);
});

afterAll(async () => {
  clearInterval(writing);
  await visitors?.leaveAll();
  await browser?.close();
  await product?.stop();
  visitors?.host.stop();
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
    let operator: Watched;
    let desk: Desk;
    let list: VisitorsPage;

    beforeAll(async () => {
      operator = await newPerson(browser, { dark, width, height: 844 });
      desk = new Desk(operator.page, product.origin);
      await desk.signIn();
      await desk.changeMe({ locale });
      list = new VisitorsPage(desk, words);
    });

    afterAll(async () => {
      await operator?.context.close();
      expect(operator?.faults).toEqual([]);
    });

    async function looksRight(name: string) {
      expect(await axeFindings(operator.page)).toEqual([]);
      await fits(operator.page);
      await shot(operator.page, `${name}-${look}`);
    }

    test('the list', async () => {
      await desk.goto('/visitors');
      await list.row('Нина Ветрова').waitFor();
      expect(await list.rows.count()).toBe(4);
      await looksRight('list');
    });

    test('a visitor from near, who is silent and who has a chat', async () => {
      await desk.goto('/visitors?q=Луна');
      await list.open('Луна');
      await looksRight('drawer');
      await operator.page.keyboard.press('Escape');
      await desk.goto('/visitors?q=Нина');
      await list.open('Нина');
      await list.drawer.getByText('nina@fern.example').waitFor();
      await looksRight('chatting');
    });

    test('nothing found', async () => {
      await desk.goto('/visitors?q=nobody-is-called-so');
      await operator.page.getByRole('button', { name: words.clear_filters }).last().waitFor();
      await looksRight('nothing');
    });

    test('words that are not sent yet, in the thread and in the list', async () => {
      await desk.open(conversationId);
      await operator.page.getByTestId('typed-preview').waitFor();
      await looksRight('typing');
    });

    test('the switches of the site', async () => {
      await desk.settings(product.made.project_id, 'overview');
      await operator.page.getByRole('switch', { name: words.visitors_preview }).scrollIntoViewIfNeeded();
      await looksRight('switches');
    });

    test('a teaser on a page, and the line about typing in the panel', async () => {
      const options = { dark, width, height: 844, locale: locale === 'ru' ? 'ru-RU' : 'en-GB' };
      const person = await newPerson(browser, options);
      await person.page.addInitScript(
        (language) => Object.assign(window, { ChatSetup: { language } }),
        locale,
      );
      await person.page.goto(`${visitors.host.url}${look}`);
      const seen = await until('the visitor', async () =>
        (await visitors.list()).find(({ page }) => page.url.endsWith(look)),
      );
      const text = words.visitors_invite_default;
      const body = { client_id: crypto.randomUUID(), text, assign: false };
      await product.api.project('POST', `/visitors/${seen.id}/conversation`, body);
      await person.page.locator('otklik-chat .teaser').waitFor();
      expect(await axeFindings(person.page)).toEqual([]);
      await fits(person.page);
      await shot(person.page, `teaser-${look}`);
      await person.page.locator('otklik-chat .teaser .tell').click();
      await person.page.locator('otklik-chat #watched').waitFor();
      expect(await axeFindings(person.page)).toEqual([]);
      await shot(person.page, `panel-${look}`);
      expect(person.faults).toEqual([]);
      await person.context.close();
      await until(
        'it to be gone',
        async () => (await visitors.list()).every(({ id }) => id !== seen.id),
        20_000,
      );
    });
  },
);

describe.each([
  { locale: 'ru', dark: false, width: 1280 },
  { locale: 'en', dark: true, width: 390 },
])('without anybody: $locale, $width', ({ locale, dark, width }) => {
  const words = locale === 'ru' ? ru : en;

  test('how to put the code on the site, and the switch that is off', async () => {
    clearInterval(writing);
    await visitors.leaveAll();
    await visitors.nobody();
    const operator = await newPerson(browser, { dark, width, height: 844 });
    const desk = new Desk(operator.page, product.origin);
    await desk.signIn();
    await desk.changeMe({ locale });
    await desk.goto('/visitors');
    await operator.page.getByRole('link', { name: words.visitors_empty_check }).waitFor();
    expect(await axeFindings(operator.page)).toEqual([]);
    await fits(operator.page);
    await shot(operator.page, `empty-${locale}-${width}`);
    await visitors.set({ watch_visitors: false });
    await operator.page.reload();
    await operator.page.getByText(words.visitors_off, { exact: true }).waitFor();
    expect(await axeFindings(operator.page)).toEqual([]);
    await shot(operator.page, `off-${locale}-${width}`);
    await visitors.set({ watch_visitors: true });
    await operator.context.close();
  });
});
