import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPerson } from './support/browser';
import { Desk } from './support/desk';
import { Product } from './support/product';

/** Before: 84. */
const MOST_REQUESTS = 24;
const MOST_SCRIPT = 220 * 1024;

let product: Product;
let browser: Browser;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

test('the list of conversations comes in few requests and little script', async () => {
  const { page, context } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  const fresh = await context.newPage();
  const devtools = await context.newCDPSession(fresh);
  await devtools.send('Network.enable');
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  const asked = new Map<string, { url: string; type: string; bytes: number }>();
  devtools.on('Network.requestWillBeSent', ({ requestId, request, type }) =>
    asked.set(requestId, { url: new URL(request.url).pathname, type: type ?? '', bytes: 0 }),
  );
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const one = asked.get(requestId);
    if (one) one.bytes = encodedDataLength;
  });
  await fresh.goto(`${product.origin}/inbox`, { waitUntil: 'networkidle' });
  const all = [...asked.values()].filter(({ url }) => !url.startsWith('data:'));
  const script = all.filter(({ type, url }) => type === 'Script' || url.endsWith('.js'));
  const bytes = script.reduce((sum, one) => sum + one.bytes, 0);
  const told = all.map(({ url, type, bytes }) => `${type} ${bytes} ${url}`).join('\n');
  if (process.env.OTKLIK_TELL) console.log(`${all.length} requests, ${bytes} bytes of script\n${told}`);
  expect(all.length, told).toBeLessThanOrEqual(MOST_REQUESTS);
  expect(bytes, told).toBeLessThanOrEqual(MOST_SCRIPT);
  await context.close();
});
