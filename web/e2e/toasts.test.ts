import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let conversationId: string;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  control.person(7, 'Нина').says('Есть «Луна 40»?');
  conversationId = (await product.api.conversationWith('Есть «Луна 40»?')).id;
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
});

async function open(width: number, dark = false) {
  const { page, context } = await newPerson(browser, { width, height: 800, dark });
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  return { page, context, desk, toasts: page.locator('[data-sonner-toast]') };
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
const areApart = (a: Box, b: Box) =>
  a.y + a.height <= b.y || b.y + b.height <= a.y || a.x + a.width <= b.x || b.x + b.width <= a.x;
async function boxesOf(items: Locator): Promise<Box[]> {
  const found = await Promise.all((await items.all()).map((item) => item.boundingBox()));
  return found.flatMap((box) => box ?? []);
}

/** Toasts slide to their places: looked at until they stand. */
async function stand(toasts: Locator, beside: Locator, width: number) {
  await until('toasts that are apart', async () => {
    const boxes = [...(await boxesOf(toasts)), ...(await boxesOf(beside))];
    const pairs = boxes.flatMap((box, place) => boxes.slice(place + 1).map((other) => [box, other] as const));
    return boxes.length === 4 && pairs.every(([a, b]) => areApart(a, b));
  });
  for (const { x, width: own } of await boxesOf(toasts)) {
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + own).toBeLessThanOrEqual(width);
  }
}

test.each([
  { width: 1280, dark: false },
  { width: 390, dark: true },
])(
  'at $width px toasts cover neither each other nor what is being written or saved',
  async ({ width, dark }) => {
    const { page, context, desk, toasts } = await open(width, dark);
    await desk.open(conversationId);
    await desk.composer.fill('Сейчас посмотрю');
    const close = page.getByRole('button', { name: ru.close, exact: true });
    const accept = page.getByRole('button', { name: ru.accept, exact: true });
    await accept.or(close).first().waitFor();
    if (await accept.count()) await accept.click();
    for (let time = 0; time < 3; time++) {
      await close.first().press('Enter');
      // The pointer holds them, however long the rest takes.
      if (time === 0) await toasts.hover();
      await page.getByRole('button', { name: ru.reopen }).press('Enter');
      await close.first().waitFor();
    }
    await page.mouse.move(5, 700);
    await stand(toasts, desk.composer, width);
    expect(await axeFindings(page)).toEqual([]);

    await desk.settings(product.made.project_id, 'multi-contacts');
    for (let rule = 0; rule < 4; rule++) await page.getByRole('button', { name: ru.rule_add }).click();
    for (let rule = 0; rule < 3; rule++) {
      await page.getByTestId('rule').last().getByRole('button', { name: ru.delete }).press('Enter');
      if (rule === 0) await toasts.hover();
    }
    await page.mouse.move(5, 700);
    await stand(toasts, page.locator('footer').filter({ hasText: ru.rules_save }), width);
    await context.close();
  },
);

test('an undo waits for whoever came to it by keyboard or pointer, and goes when they leave', async () => {
  const { page, context, desk, toasts } = await open(1280);
  await page.clock.install();
  await desk.settings(product.made.project_id, 'multi-contacts');
  await page.getByRole('button', { name: ru.rule_add }).click();
  const remove = async () => {
    await page.getByTestId('rule').last().getByRole('button', { name: ru.delete }).click();
    await toasts.waitFor();
  };
  const undo = toasts.getByRole('button', { name: ru.undo });

  await remove();
  await page.keyboard.press('Alt+T');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  expect(await undo.evaluate((button) => button === document.activeElement)).toBe(true);
  await page.clock.runFor(60_000);
  await page.keyboard.press('Enter');
  await page.getByTestId('rule').waitFor();
  await page.clock.runFor(1_000);
  await toasts.waitFor({ state: 'detached' });

  await remove();
  await toasts.hover();
  await page.clock.runFor(60_000);
  expect(await toasts.count()).toBe(1);
  await page.mouse.move(5, 700);
  await page.clock.runFor(11_000);
  await toasts.waitFor({ state: 'detached' });
  await context.close();
});
