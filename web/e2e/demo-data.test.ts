import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';

/** The story is told in the background; a debug program takes its time. */
const MADE_MS = 180_000;

let product: Product;
let browser: Browser;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const card = (page: Page) => page.getByTestId('demo-data');
const home = (id: string) => `/projects/${id}/settings/overview`;

test('the owner switches demo data on, looks, and takes them away again', async () => {
  const { page, context, faults } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  const own = product.api.projectId;
  await desk.goto(home(own));
  await card(page).getByRole('button', { name: ru.demo_on }).click();
  await card(page).locator('progress').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  // The page is left and found again while it is being made.
  await page.reload();
  await page.locator('[data-testid=demo-data][data-on=true]').waitFor({ timeout: MADE_MS });
  expect(await axeFindings(page)).toEqual([]);
  await card(page).getByRole('button', { name: ru.demo_look }).click();
  await page.waitForURL(/\/inbox/);
  await page.getByTestId('conversation-row').first().waitFor();
  expect(await page.getByTestId('conversation-row').count()).toBeGreaterThan(3);

  await desk.goto(home(own));
  await card(page).getByRole('button', { name: ru.demo_off }).click();
  const dialog = page.getByRole('dialog');
  const sure = dialog.getByRole('button', { name: ru.demo_off });
  expect(await sure.isDisabled()).toBe(true);
  await dialog.getByTestId('typed-name').fill('Демо: Тихий свет');
  await sure.click();
  await page.waitForURL(/\/sites/);
  await until('one site', async () => (await page.locator('article').count()) === 1);
  await desk.goto(home(own));
  await card(page).getByRole('button', { name: ru.demo_on }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test('a making that is stopped leaves nothing', async () => {
  const { page, context } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.goto(home(product.api.projectId));
  await card(page).getByRole('button', { name: ru.demo_on }).click();
  await card(page).getByRole('button', { name: ru.cancel }).click();
  await card(page).getByRole('button', { name: ru.demo_on }).waitFor({ timeout: 30_000 });
  await desk.goto('/sites');
  await page.locator('article').first().waitFor();
  expect(await page.locator('article').count()).toBe(1);
  await context.close();
});
