import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Product } from './support/product';

let product: Product;
let browser: Browser;
let reader: Watched;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

beforeEach(async () => {
  reader = await newPerson(browser);
  page = reader.page;
  complaints = [];
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
});

afterEach(async () => {
  expect([...reader.faults, ...complaints]).toEqual([]);
  await reader.context.close();
});

test('the page of the site’s calls: contents, copying, both languages', async () => {
  await reader.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${product.origin}/docs/js`);
  expect(await axeFindings(page)).toEqual([]);
  await page.locator('.side.ru a[href="#identity"]').click();
  await page.waitForFunction(
    () => Math.abs(document.getElementById('identity')!.getBoundingClientRect().top) < 300,
  );
  await page.locator('article.ru .copy').first().click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain(`${product.origin}/w.js?p=`);
  await page.locator('a.other:visible').click();
  expect(await page.locator('#en-identity').isVisible()).toBe(true);
  expect(page.url()).toContain('lang=en');
});

test('the reference of the REST API shows our calls', async () => {
  await page.goto(`${product.origin}/api/docs?lang=en`);
  await page.locator('.opblock-tag').first().waitFor();
  await page.locator('.side.en a[href="#operations-tag-messages"]').click();
  await page.locator('#operations-messages-send_message').waitFor();
  // Swagger UI draws it: its landmarks are its own.
  expect(await axeFindings(page, ['serious', 'critical'])).toEqual([]);
});
