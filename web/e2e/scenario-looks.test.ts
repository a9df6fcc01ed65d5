import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { ScenarioEditor } from './support/editor';
import { LOOKS } from './support/looks';
import { phoneRuns } from './support/phone-runs';
import { Product } from './support/product';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let scenario: string;

/** A scenario with numbers behind it, another one with errors and long names. */
beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  ({ scenario } = await phoneRuns(product, fake));
  const title = 'Очень длинное название блока, которое нигде не помещается целиком';
  const block = { id: 'b1', type: 'message', title, pos: [0, 0], settings: { text: '' } };
  const document = { schema: 1, launch: [], blocks: [block], edges: [] };
  const name = 'Опрос о качестве обслуживания после закрытого диалога';
  await product.api.project('POST', '/scenarios', { name, document });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
});

describe.each(LOOKS)('$locale, dark: $dark, $width px wide', ({ locale, dark, width }) => {
  const words = locale === 'ru' ? ru : en;
  const isPhone = width < 900;
  let person: Watched;
  let page: Page;
  let desk: Desk;
  const project = () => `/projects/${product.made.project_id}`;

  beforeAll(async () => {
    person = await newPerson(browser, {
      ...{ width, height: isPhone ? 844 : 800, dark },
      locale: locale === 'ru' ? 'ru-RU' : 'en-GB',
    });
    page = person.page;
    desk = new Desk(page, product.origin);
    await desk.signIn();
    await desk.changeMe({ locale });
  });

  afterAll(async () => {
    await person?.context.close();
    expect(person?.faults).toEqual([]);
  });

  /** Nothing serious of axe, nothing beside the page, nothing of the library's English in Russian. */
  async function looksRight() {
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    if (locale === 'ru') expect(await foreignNames(page)).toEqual([]);
  }

  test('the list of scenarios', async () => {
    await desk.goto(`${project()}/settings/scenarios`);
    await page.locator('[data-scenario]').first().waitFor();
    await looksRight();
  });

  test('the editor, with a block open', async () => {
    const editor = new ScenarioEditor(page, product.origin, product.made.project_id);
    await editor.open(scenario);
    await looksRight();
    const block = isPhone ? page.locator('[data-block] .name button') : editor.card('Спросить телефон');
    await block.first().click();
    await editor.inspector.waitFor();
    await looksRight();
  });

  test('the report, and the recipients of a number', async () => {
    await desk.goto(`${project()}/scenarios/${scenario}/report`);
    await page.getByTestId('worst').getByText('Спросить телефон').waitFor();
    await looksRight();
    const name = words.rep_open_block.replace('{block}', 'Спросить телефон').replace('{count}', '7');
    await page.getByRole('button', { name }).click();
    await page.getByTestId('recipients').waitFor();
    await looksRight();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    if (isPhone) return;
    await page.getByRole('button', { name: words.rep_table }).click();
    await page.getByTestId('report-table').waitFor();
    await looksRight();
  });

  test('the licences', async () => {
    await desk.goto(`${project()}/settings/licence`);
    await page.getByTestId('premium-standing').waitFor();
    await looksRight();
    const dot = await page
      .getByTestId('premium-standing')
      .evaluate((one) => getComputedStyle(one, '::before').backgroundColor);
    expect(dot).not.toBe('rgba(0, 0, 0, 0)');
  });
});

/** What a screen reader would read in Latin letters alone: words of libraries and ids. */
function foreignNames(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    // Names: a key, a channel, and the maker of the canvas, who asks to be named.
    const KNOWN = /^(Ctrl\+S|Telegram|Svelte Flow attribution)$/;
    const names = [...document.querySelectorAll('[aria-label], [aria-roledescription], [title]')]
      .filter((one) => one.closest('[aria-hidden="true"]') === null)
      .flatMap((one) =>
        ['aria-label', 'aria-roledescription', 'title'].map((name) => one.getAttribute(name) ?? ''),
      );
    return [...new Set(names)].filter(
      (name) => /[a-z]{3}/i.test(name) && !/[а-яё]/i.test(name) && !KNOWN.test(name),
    );
  });
}
