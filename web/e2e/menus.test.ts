import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';

const PHONE = 'Мобильный телефон';

let product: Product;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  page = (await newPerson(browser)).page;
  await new Desk(page, product.origin).signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** Whatever was begun has been drawn. */
const drawn = () =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
const items = () => page.getByRole('menuitem');
const rule = () => page.getByTestId('rule');

/** A rule that is being made, with the pointer held down on the button of its menu; where that is. */
async function press(): Promise<[number, number]> {
  await page.goto('about:blank');
  await new Desk(page, product.origin).settings(product.made.project_id, 'multi-contacts');
  await page.getByRole('button', { name: ru.rule_add }).click();
  const button = rule().getByRole('button', { name: ru.rule_field_add, exact: true });
  await button.hover();
  const { x, y, width, height } = (await button.boundingBox())!;
  const [atX, atY] = [x + width / 2, y + height / 2];
  await page.mouse.move(atX, atY);
  await page.mouse.down();
  await items().first().waitFor();
  return [atX, atY];
}

test('an item that comes under a pointer at rest is not chosen by letting go', async () => {
  const [x, y] = await press();
  const bring = ([x, y]: number[]) => {
    const menu = document
      .querySelector('.ok-menu')!
      .closest<HTMLElement>('[data-bits-floating-content-wrapper]')!;
    const item = menu.querySelectorAll('[role=menuitem]')[1]!;
    // At once: half-way the point would be measured wrong again and again.
    menu.style.transition = 'none';
    menu.style.translate = 'none';
    const at = item.getBoundingClientRect();
    menu.style.translate = `${x! - at.x - at.width / 2}px ${y! - at.y - at.height / 2}px`;
    return document.elementFromPoint(x!, y!)?.closest('[role=menuitem]') === item;
  };
  await until('an item to come under the pointer', () => page.evaluate(bring, [x, y]));
  await page.mouse.up();
  await drawn();
  expect(await items().count()).toBeGreaterThan(1);
  expect(await rule().getByText(ru.rule_no_fields).count()).toBe(1);
  await items().filter({ hasText: PHONE }).click();
  await rule().getByText(PHONE).waitFor();
});

test('who draws to an item and lets go there has chosen it', async () => {
  await press();
  await items().filter({ hasText: PHONE }).hover();
  await page.mouse.up();
  await rule().getByText(PHONE).waitFor();
});
