import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seriousProblems } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let browser: Browser;
let operator: Watched;
let desk: Desk;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const field = (key: string, title: string) => ({ key, title, kind: 'text', show_when_empty: true });
  await product.api.project('POST', '/fields', field('city', 'Город'));
  await product.api.project('POST', '/fields', field('floor', 'Этаж'));
  await product.api.project('POST', '/multi-contact-rules', { fields: ['contract', 'city'] });
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
const keys = async () =>
  (await product.api.project<{ items: { key: string }[] }>('GET', '/fields')).items.map(({ key }) => key);
const openFields = async () => {
  await desk.settings(product.made.project_id, 'fields');
  await page().getByRole('row').nth(2).waitFor();
};
const choose = (title: string) => page().getByRole('button', { name: title, exact: true }).click();

test('a field is moved from the keyboard, and the order is put back', async () => {
  await openFields();
  const before = await keys();
  await page()
    .getByRole('button', { name: ru.field_drag.replace('{title}', 'Этаж') })
    .press('Alt+ArrowUp');
  await until('floor before city', async () => (await keys()).join().endsWith('floor,city'));
  await page().getByRole('button', { name: ru.undo, exact: true }).click();
  await until('the former order', async () => (await keys()).join() === before.join());
});

test('a list is made of chips, its preview follows the form, and it is stored', async () => {
  await page().getByRole('button', { name: ru.field_add }).click();
  await page().getByLabel(ru.field_title, { exact: true }).fill('Доставка');
  const preview = page().getByRole('region', { name: ru.card_preview });
  await preview.getByText('Доставка').waitFor();
  await page().getByLabel(ru.field_kind).selectOption('list');
  await page().getByRole('button', { name: ru.save }).click();
  await page().getByText(ru.field_options_none).waitFor();
  const options = page().getByLabel(ru.field_options);
  for (const option of ['Курьер', 'Самовывоз']) {
    await options.fill(option);
    await options.press('Enter');
  }
  await options.press('Backspace');
  await options.fill('Почта');
  expect(await seriousProblems(page())).toEqual([]);
  await page().getByRole('button', { name: ru.save }).click();
  await page().getByRole('row').filter({ hasText: 'Доставка' }).waitFor();
  const { items } = await product.api.project<{ items: { key: string; options: string[] }[] }>(
    'GET',
    '/fields',
  );
  expect(items.find(({ key }) => key === 'dostavka')?.options).toEqual(['Курьер', 'Почта']);
});

test('the page says where a field is used, and a used one is not deleted', async () => {
  await choose('Город');
  await page().getByText('Правило 1: Номер договора и Город').waitFor();
  expect(await seriousProblems(page())).toEqual([]);
  await page().getByRole('button', { name: ru.delete, exact: true }).click();
  const dialog = page().getByRole('dialog');
  await dialog.getByText(ru.field_delete_blocked).waitFor();
  expect(await dialog.getByRole('button', { name: ru.delete, exact: true }).count()).toBe(0);
  await page().keyboard.press('Escape');
  await choose('Этаж');
  await page().getByRole('button', { name: ru.delete, exact: true }).click();
  await dialog.getByText(ru.field_delete_empty).waitFor();
  await dialog.getByRole('button', { name: ru.delete, exact: true }).click();
  await until('the field to be gone', async () => !(await keys()).includes('floor'));
});

test('the card tells what a field held before, and who said so', async () => {
  const control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  control.person(501, 'Нина').says('Где мой заказ?');
  const conversation = await product.api.conversationWith('Где мой заказ?');
  const setCity = (city: string | null) =>
    product.api.project('PATCH', `/contacts/${conversation.contact_id}`, { fields: { city } });
  await setCity('Пермь');
  await setCity('Тюмень');
  await desk.open(conversation.id);
  await desk
    .field('Город')
    .getByRole('button', { name: ru.history_of.replace('{title}', 'Город') })
    .press('Enter');
  const history = page().getByTestId('field-history');
  await history.getByText('Пермь').waitFor();
  expect(await history.locator('li b').allTextContents()).toEqual(['Тюмень', 'Пермь']);
  expect(await seriousProblems(page())).toEqual([]);
});
