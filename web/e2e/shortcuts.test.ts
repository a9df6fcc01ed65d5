import type { Browser, CDPSession } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Keyboard } from './support/keyboard';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let person: Watched;
let desk: Desk;
let keys: Keyboard;
let line: CDPSession;
let id: string;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const bot = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, bot.bot.token, 'webhook');
  bot.person(901, 'Лена').says('Где лампа?');
  id = (await product.api.conversationWith('Где лампа?')).id;
  person = await newPerson(browser);
  desk = new Desk(person.page, product.origin);
  keys = new Keyboard(person.page);
  line = await person.context.newCDPSession(person.page);
  await desk.signIn();
  await desk.open(id);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(person?.faults).toEqual([]);
});

const page = () => person.page;
const dialog = () => page().getByRole('dialog', { name: ru.shortcuts });
const row = (command: string) => dialog().locator(`[data-command=${command}]`);
const own = async () =>
  page().evaluate(async () => {
    const me = (await (await fetch('/api/v1/me')).json()) as {
      shortcuts: { single_keys: boolean; keys: Record<string, string[]> };
    };
    return me.shortcuts;
  });
const key = (command: string, text: string) => row(command).locator('kbd').getByText(text, { exact: true });
const status = async () => (await product.api.conversation(id)).status;

/** A key of a Russian keyboard: the browser itself says what it gives. */
async function russian(code: string, key: string, modifiers = 0) {
  const event = { code, key, text: modifiers ? undefined : key, modifiers };
  await line.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
  await line.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event, text: undefined });
}

async function openList() {
  await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page().keyboard.press('Shift+Slash');
  await dialog().waitFor();
}
async function leave() {
  await page().keyboard.press('Escape');
  await desk.dialogsGone();
}

test('every usual key acts in the Russian layout, and none in a field', async () => {
  await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await russian('KeyR', 'к');
  await keys.isOn(ru.composer_placeholder);
  // R, E, H, A and L are letters there.
  for (const [code, key] of [
    ['KeyR', 'к'],
    ['KeyE', 'у'],
    ['KeyH', 'р'],
    ['KeyA', 'ф'],
    ['KeyL', 'д'],
    ['KeyC', 'с'],
    ['Slash', '.'],
  ] as const)
    await russian(code, key);
  expect(await desk.composer.inputValue()).toBe('курфдс.');
  expect(await page().getByRole('dialog').count()).toBe(0);
  await desk.composer.fill('');
  await page().keyboard.press('Escape');
  await russian('KeyN', 'т');
  await keys.isOn(ru.composer_placeholder_note);
  await page().keyboard.press('Escape');
  await russian('KeyR', 'к');
  await page().keyboard.press('Escape');
  await russian('KeyA', 'ф');
  await until('it to be mine', async () => (await status()) === 'open');
  await russian('KeyL', 'д');
  await page().getByTestId('tag-input').waitFor();
  await page().keyboard.press('Escape');
  await russian('KeyH', 'р');
  await page().getByRole('menuitem', { name: ru.snooze_hour }).waitFor();
  await page().keyboard.press('Escape');
  await page().getByRole('menu').waitFor({ state: 'detached' });
  await russian('KeyC', 'с');
  await page().getByTestId('start-chat-to').waitFor();
  await page().keyboard.press('Escape');
  await desk.dialogsGone();
  // The "?" of the Russian layout is on the seven.
  await russian('Digit7', '?', 8);
  await dialog().waitFor();
  await leave();
});

test('a command gets another key, and its menu shows it', async () => {
  await openList();
  expect(await axeFindings(page())).toEqual([]);
  await row('close').getByRole('button', { name: ru.keys_change }).click();
  await row('close').getByTestId('recording').waitFor();
  await russian('KeyQ', 'й');
  await key('close', 'Q').waitFor();
  expect((await own()).keys).toEqual({ close: ['KeyQ', 'Alt+KeyE'] });
  await leave();
  await page().getByTestId('status-menu').click();
  expect(await page().getByTestId('key-close').innerText()).toBe('Q');
  await page().keyboard.press('Escape');
  await page().getByRole('menu').waitFor({ state: 'detached' });
  await page().keyboard.press('KeyE');
  await page().keyboard.press('KeyQ');
  await until('it to be closed', async () => (await status()) === 'closed');
  await product.api.project('POST', `/conversations/${id}/reopen`);
});

test('two commands of one key are told, and one takes it from the other', async () => {
  await openList();
  await row('assign').getByRole('button', { name: ru.keys_change }).click();
  await page().keyboard.press('KeyR');
  const clash = row('assign').getByRole('alert');
  await clash.waitFor();
  expect(await clash.innerText()).toContain(ru.key_reply);
  expect(await axeFindings(page())).toEqual([]);
  expect((await own()).keys.assign).toBeUndefined();
  await clash.getByRole('button', { name: ru.keys_take }).click();
  await key('assign', 'R').waitFor();
  expect((await own()).keys).toEqual({ assign: ['KeyR'], close: ['KeyQ', 'Alt+KeyE'], reply: ['Alt+KeyL'] });
  // What the page needs itself is nobody's.
  await row('assign').getByRole('button', { name: ru.keys_change }).click();
  await page().keyboard.press('Enter');
  await row('assign').getByRole('alert').waitFor();
  await page().keyboard.press('Escape');
  await row('assign').getByRole('alert').waitFor({ state: 'detached' });
  await dialog().waitFor();
  await leave();
});

test('another browser of the same person has the same keys; reset is taken back', async () => {
  const elsewhere = await newPerson(browser);
  const second = new Desk(elsewhere.page, product.origin);
  await second.signIn();
  await second.page.keyboard.press('Shift+Slash');
  await second.page.locator('[data-command=close]').getByText('Q', { exact: true }).waitFor();
  await elsewhere.context.close();
  await page().reload();
  await desk.composer.waitFor();
  await openList();
  await dialog().getByRole('button', { name: ru.keys_reset_all, exact: true }).click();
  await key('close', 'E').waitFor();
  expect((await own()).keys).toEqual({});
  await page().getByRole('button', { name: ru.undo, exact: true }).click();
  await key('close', 'Q').waitFor();
  await dialog().getByRole('button', { name: ru.keys_reset_all, exact: true }).click();
  await key('close', 'E').waitFor();
  await leave();
});

test('single keys are switched off for the person, chords stay', async () => {
  await openList();
  await dialog().getByRole('switch').click();
  await until('the server to know', async () => (await own()).single_keys === false);
  await leave();
  await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page().keyboard.press('KeyN');
  expect(await page().evaluate(() => document.activeElement?.tagName)).not.toBe('TEXTAREA');
  await page().keyboard.press('Alt+KeyP');
  await keys.isOn(ru.composer_placeholder_note);
  await page().getByTestId('me-menu').first().click();
  await page().getByRole('menuitem', { name: ru.shortcuts }).click();
  await dialog().getByRole('switch').click();
  await until('the server to know', async () => (await own()).single_keys);
  await leave();
});
