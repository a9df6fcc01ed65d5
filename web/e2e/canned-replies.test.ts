import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

const BORIS = { email: 'boris@fern.example', name: 'Борис Ёлкин', password: 'moss-and-fern-43' };

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let conversationId: string;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const shop = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, shop.bot.token, 'webhook');
  shop.person(701, 'Лена').says('Сколько стоит?');
  conversationId = (await product.api.conversationWith('Сколько стоит?')).id;
  await product.api.addColleague(BORIS);
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const picker = () => page().getByTestId('canned-picker');
const options = () => picker().getByRole('option');
const value = () => desk.composer.inputValue();

test('with none yet the list behind a slash leads to the page where they are made', async () => {
  await desk.open(conversationId);
  await desk.composer.pressSequentially('/');
  await picker().getByText(ru.canned_empty).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await picker().getByRole('link', { name: ru.canned_manage }).click();
  await page().getByRole('heading', { name: ru.canned_title, level: 1 }).waitFor();
  await page().getByText(ru.canned_empty_text).waitFor();
  expect(await axeFindings(page())).toEqual([]);
});

test('one is made with a folder and a field, and a wrong field is refused with its place', async () => {
  await page().getByRole('button', { name: ru.canned_new }).first().click();
  const form = page().locator('form');
  await form.getByLabel(ru.canned_name).fill('Цена');
  await form.getByLabel(ru.canned_shortcut, { exact: true }).fill('/цена');
  await form.getByLabel(ru.canned_folder).fill('Продажи');
  await form.getByLabel(ru.canned_text, { exact: true }).fill('{{name}}, это {{operator.name}}. {{town}}?');
  await form.getByRole('button', { name: ru.save }).click();
  await form
    .getByText(ru.problem_canned_field.replace('{key}', 'town').replace('{place}', '34'))
    .first()
    .waitFor();
  await product.api.project('POST', '/fields', { key: 'town', title: 'Город', kind: 'text' });
  await form.getByRole('button', { name: ru.save }).click();
  const row = page().getByTestId('canned-reply').filter({ hasText: 'Цена' });
  await row.getByText('/цена').waitFor();
  await page().getByRole('region', { name: 'Продажи' }).waitFor();
  expect(await axeFindings(page())).toEqual([]);
});

test('edits are not lost by another page', async () => {
  await page().getByRole('button', { name: 'Цена', exact: true }).click();
  await page().locator('form').getByLabel(ru.canned_name).fill('Стоимость');
  await page().getByRole('link', { name: ru.nav_clients }).click();
  await page().getByRole('alertdialog').or(page().getByRole('dialog')).getByText(ru.unsaved_title).waitFor();
  await page().keyboard.press('Escape');
  expect(await page().locator('form').getByLabel(ru.canned_name).inputValue()).toBe('Стоимость');
  await page().locator('form').getByRole('button', { name: ru.save }).click();
  await page().getByTestId('canned-reply').filter({ hasText: 'Стоимость' }).waitFor();
});

test('a few keys put it in, filled in for the client, and a gap is filled before it is sent', async () => {
  await product.api.project('POST', '/canned-replies', {
    title: 'Доставка',
    text: 'Привезём завтра',
    shared: true,
    shortcut: 'dos',
  });
  await desk.open(conversationId);
  // The draft of before is a slash.
  await desk.composer.fill('');
  await desk.composer.pressSequentially('Добрый день! /');
  await options().nth(1).waitFor();
  await page().keyboard.press('ArrowDown');
  expect(await options().nth(1).getAttribute('aria-selected')).toBe('true');
  await desk.composer.pressSequentially('стои');
  await until('one is left', async () => (await options().count()) === 1);
  await page().keyboard.press('Enter');
  const filled = 'Добрый день! Лена, это Анна. ⟨Город⟩?';
  await until('the reply stands there', async () => (await value()).startsWith('Добрый день! Лена'));
  const me = (await product.api.project<{ items: { name: string }[] }>('GET', '/users')).items;
  const name = me.find((user) => user.name !== BORIS.name)!.name;
  expect(await value()).toBe(filled.replace('Анна', name));
  expect(await picker().count()).toBe(0);
  // The gap is chosen: what is typed takes its place. Before that Enter sends nothing.
  const selected = () =>
    desk.composer.evaluate((area) => {
      const { selectionStart: start, selectionEnd: end, value } = area as HTMLTextAreaElement;
      return value.slice(start, end);
    });
  expect(await selected()).toBe('⟨Город⟩');
  expect(await page().getByTestId('send').isDisabled()).toBe(true);
  await page().getByTestId('hole').waitFor();
  await desk.composer.press('Enter');
  expect(await selected()).toBe('⟨Город⟩');
  expect(await axeFindings(page())).toEqual([]);
  await page().keyboard.type('Пермь');
  await page().getByTestId('hole').waitFor({ state: 'detached' });
  await desk.composer.press('Enter');
  await desk.bubble('Пермь?').waitFor();
  const texts = await product.api.texts(conversationId);
  expect(texts.filter((text) => /[⟨⟩{}]/.test(text))).toEqual([]);
});

test('a slash of an address is a slash', async () => {
  for (const text of ['https://a.example/x', 'и/или', '/home/anna/', '/нетникакого']) {
    await desk.composer.fill('');
    await desk.composer.pressSequentially(text);
    expect(await picker().count(), text).toBe(0);
  }
  await desk.composer.press('Enter');
  await desk.bubble('/нетникакого').waitFor();
  // Escape sends the list away, and leaves what was typed.
  await desk.composer.pressSequentially('/');
  await options().first().waitFor();
  await page().keyboard.press('Escape');
  expect(await picker().count()).toBe(0);
  expect(await value()).toBe('/');
  expect(await desk.composer.evaluate((area) => area === document.activeElement)).toBe(true);
  await desk.composer.fill('');
});

test('an operator has replies of their own, and only reads what is shared', async () => {
  const other = await newPerson(browser);
  const boris = new Desk(other.page, product.origin);
  await boris.goto('/canned-replies');
  await boris.fillSignIn(BORIS.email, BORIS.password);
  await other.page.getByTestId('canned-reply').filter({ hasText: 'Доставка' }).waitFor();
  expect(await other.page.getByRole('button', { name: 'Доставка', exact: true }).count()).toBe(0);
  await other.page.getByRole('button', { name: ru.canned_new }).first().click();
  const form = other.page.locator('form');
  await form.getByText(ru.canned_own_hint).waitFor();
  await form.getByLabel(ru.canned_name).fill('Моё');
  await form.getByLabel(ru.canned_text, { exact: true }).fill('Только моё');
  await form.getByRole('button', { name: ru.save }).click();
  const own = other.page.getByTestId('canned-reply').filter({ hasText: 'Только моё' });
  await own.waitFor();
  await desk.goto('/canned-replies');
  await page().getByTestId('canned-reply').first().waitFor();
  expect(await page().getByTestId('canned-reply').filter({ hasText: 'Только моё' }).count()).toBe(0);
  // Deleted, and back again.
  await own.getByRole('button', { name: `${ru.delete}: Моё` }).click();
  await own.waitFor({ state: 'detached' });
  await other.page.getByRole('button', { name: ru.undo, exact: true }).click();
  await own.waitFor();
  await other.context.close();
  expect(other.faults).toEqual([]);
});

test('a field that is deleted is told of, and is a gap in the answer', async () => {
  await product.api.project('DELETE', '/fields/town');
  await desk.goto('/canned-replies');
  const row = page().getByTestId('canned-reply').filter({ hasText: 'Стоимость' });
  await row.getByText(ru.canned_gone.replace('{keys}', 'town')).waitFor();
  await desk.open(conversationId);
  await desk.composer.pressSequentially('/цена');
  await options().first().click();
  await until('the gap', async () => (await value()).includes('⟨town⟩'));
  await desk.composer.fill('');
});

test('emoji are found by words and put in where one types, and the last ones come first', async () => {
  await desk.open(conversationId);
  await desk.composer.fill('Спасибо!');
  await desk.composer.press('Home');
  await page().getByTestId('emoji').click();
  const box = page().getByTestId('emoji-picker');
  await box.getByRole('searchbox').fill('сердце');
  await box.getByRole('button', { name: 'алое сердце' }).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await box.getByRole('searchbox').fill('red heart');
  await page().keyboard.press('Enter');
  await until('the heart', async () => (await value()) === '❤️Спасибо!');
  await page().getByTestId('emoji').click();
  await box.locator('.recent .cell').filter({ hasText: '❤️' }).waitFor();
  await page().keyboard.press('ArrowDown');
  await page().keyboard.press('Escape');
  await box.waitFor({ state: 'detached' });
  await desk.composer.fill('');
});
