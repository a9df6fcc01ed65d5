import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let host: HostPage;
let visitor: Watched;

const FIRST = 'Где мой заказ с зелёным абажуром?';
/** A long talk whose first words lie pages above its last. */
const LONG = 150;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  visitor = await newPerson(browser);
  await visitor.page.goto(host.url);
  const widget = new Widget(visitor.page);
  await widget.open();
  await widget.say(FIRST);
  const { id } = await product.api.conversationWith(FIRST);
  for (let number = 0; number < LONG; number += 1) await product.api.send(id, `строка разговора ${number}`);
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  await until('the talk is in the index', async () => (await found('разговора')) > 0);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const hits = () => page().getByTestId('hit');
const field = () => page().getByRole('searchbox', { name: ru.search_hint });
const found = async (q: string) => {
  const answer = (await product.api.project('GET', `/search?q=${encodeURIComponent(q)}`)) as {
    items: unknown[];
  };
  return answer.items.length;
};

test('words are found and marked, and the address keeps what was looked for', async () => {
  await desk.goto('/search');
  await page().getByText(ru.search_begin).waitFor();
  await field().fill('зеленый абаж');
  await hits().first().waitFor();
  expect(await hits().locator('mark').allInnerTexts()).toEqual(['зелёным', 'абажуром']);
  await until('the address tells', () =>
    Promise.resolve(new URL(page().url()).searchParams.get('q') === 'зеленый абаж'),
  );
  await page().reload();
  await hits().first().waitFor();
  expect(await field().inputValue()).toBe('зеленый абаж');
});

test('filters narrow, and are taken away where nothing is left', async () => {
  await page().getByLabel(ru.search_author, { exact: true }).selectOption('operator');
  await page().getByText(ru.list_empty_search).waitFor();
  await page().getByRole('button', { name: ru.clear_filters }).first().click();
  await hits().first().waitFor();
  await field().fill('строка разговора');
  await page().getByRole('button', { name: ru.search_messages }).click();
  await until('a page of them', async () => (await hits().count()) === 30);
  await page().getByRole('button', { name: ru.clients_more }).click();
  await until('two pages', async () => (await hits().count()) === 60);
});

test('a hit is reached by the keyboard and opens at its message, far above', async () => {
  await field().fill('абажур');
  await until('one', async () => (await hits().count()) === 1);
  await field().press('ArrowDown');
  expect(await page().evaluate(() => document.activeElement?.hasAttribute('data-hit'))).toBe(true);
  await page().keyboard.press('Enter');
  const sought = page().locator('[data-testid="message"][aria-current="true"]');
  await sought.waitFor();
  expect(await sought.innerText()).toContain('абажуром');
  await until('it is in view', async () => {
    const [box, log] = [await sought.boundingBox(), await page().getByRole('log').boundingBox()];
    return Boolean(box && log && box.y >= log.y && box.y + box.height <= log.y + log.height);
  });
});

test('the palette finds what was said, and leads to everything', async () => {
  await page().keyboard.press('Control+k');
  const palette = page().getByTestId('palette');
  await palette.getByRole('combobox').fill('абажур');
  await palette.getByRole('option').filter({ hasText: 'абажуром' }).first().waitFor();
  await palette.getByText(ru.search_everywhere.replace('{text}', 'абажур')).click();
  await hits().first().waitFor();
  expect(new URL(page().url()).pathname).toBe('/search');
});

describe.each(LOOKS)(
  'axe has nothing serious to say: $locale, dark $dark, $width',
  ({ locale, dark, width }) => {
    test('hits', async () => {
      const person = await newPerson(browser, { dark, width, height: 844 });
      const own = new Desk(person.page, product.origin);
      await own.signIn();
      await own.changeMe({ locale });
      await own.goto(`/search?q=${encodeURIComponent('разговор')}`);
      await person.page.getByTestId('hit').first().waitFor();
      const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
      await person.page.getByRole('heading', { name: words.search_title }).waitFor();
      await shot(person.page, `search-${lookName({ locale, dark, width })}`);
      expect(await axeFindings(person.page)).toEqual([]);
      await until('nothing to scroll sideways', () =>
        person.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth),
      );
      await person.context.close();
      expect(person.faults).toEqual([]);
    });
  },
);
