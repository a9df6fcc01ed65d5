import { createHmac } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { OWNER, Product } from './support/product';
import { shot } from './support/shot';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

const BORIS = { email: 'boris@fern.example', name: 'Борис Ёлкин', password: 'moss-and-fern-43' };

let product: Product;
let fake: TelegramFake;
let browser: Browser;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const shop = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, shop.bot.token, 'webhook');
  const boris = await product.api.addColleague(BORIS);
  for (const [index, name] of ['Лена', 'Зоя', 'Пётр'].entries()) {
    shop.person(900 + index, name).says(`Я ${name}`);
    const { id } = await product.api.conversationWith(`Я ${name}`);
    if (index < 2) await product.api.project('POST', `/conversations/${id}/assign`, { user_id: boris });
  }
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
});

const signIn = async (page: Page, who: { email: string; password: string }) => {
  const desk = new Desk(page, product.origin);
  await page.goto(`${product.origin}/inbox`);
  await desk.fillSignIn(who.email, who.password);
  await page.getByTestId('me-menu').or(page.getByTestId('owed-code')).first().waitFor();
  return desk;
};

/** What a phone with this key shows now (RFC 6238). */
function phone(key: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...key].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac('sha1', bytes).update(step).digest();
  return String((hash.readUInt32BE(hash[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Switches sign-in by code on, from the button to the codes on paper. */
async function setUp(page: Page) {
  await page.getByRole('button', { name: ru.me_factor_begin }).click();
  const dialog = page.getByTestId('second-factor');
  await dialog.getByText(ru.me_factor_by_hand).click();
  const key = (await dialog.getByLabel(ru.me_factor_key).textContent())!.trim();
  await dialog.getByLabel(ru.sign_in_code).fill(phone(key));
  await dialog.getByRole('button', { name: ru.me_factor_confirm }).click();
  await page.getByRole('button', { name: ru.me_codes_kept }).click();
}

test('an operator finds own numbers where leads have everybody’s, and they open own chats only', async () => {
  const { page, context, faults } = await newPerson(browser);
  await signIn(page, BORIS);
  await page.getByTestId('me-menu').first().click();
  await page.getByRole('menuitem', { name: ru.stat_own_title }).click();
  await page.getByRole('heading', { name: ru.stat_own_title }).waitFor();
  const first = page.getByTestId('numbers').locator('dd').first();
  await until('two chats', async () => {
    await page.reload();
    await page.getByTestId('numbers').or(page.getByText(ru.stat_own_empty)).first().waitFor();
    return (await first.count()) > 0 && (await first.locator('.value').innerText()) === '2';
  });
  expect(await axeFindings(page)).toEqual([]);
  await first.locator('a').click();
  const rows = page.getByTestId('reported').locator('tbody tr');
  await rows.first().waitFor();
  expect(await rows.count()).toBe(2);
  expect(await page.getByTestId('reported').innerText()).not.toContain('Пётр');
  await rows.first().getByTestId('client-link').click();
  await page.waitForURL('**/clients/*');
  // Other pages of leads stay theirs.
  await page.goto(`${product.origin}/projects/${product.api.projectId}/settings/team`);
  await page.getByText(ru.no_access).first().waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test('the owner asks a code of everybody: an operator without one can only set it up', async () => {
  const owner = await newPerson(browser);
  const desk = await signIn(owner.page, OWNER);
  await desk.goto(`/projects/${product.api.projectId}/settings/team`);
  const card = owner.page.getByTestId('codes-for-all');
  await card.getByText(ru.codes_all_first).waitFor();
  await desk.goto('/me');
  await setUp(owner.page);
  await desk.goto(`/projects/${product.api.projectId}/settings/team`);
  expect(await axeFindings(owner.page)).toEqual([]);
  await card.locator('select').selectOption('0');
  await card.getByRole('button', { name: ru.codes_all_ask }).click();
  await card.getByRole('button', { name: ru.codes_all_stop }).waitFor();

  const { page, context } = await newPerson(browser);
  await signIn(page, BORIS);
  await page.getByTestId('owed-code').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await shot(page, 'owed-code');
  const status = await page.evaluate(
    async (path) => (await fetch(path)).status,
    `/api/v1/projects/${product.api.projectId}/conversations`,
  );
  expect(status).toBe(403);
  await setUp(page);
  await page.getByRole('button', { name: ru.codes_go_on }).click();
  await page.getByTestId('me-menu').first().waitFor();
  await context.close();
  await owner.context.close();
});
