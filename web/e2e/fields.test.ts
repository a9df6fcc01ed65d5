import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
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
let control: Control;
let nextPerson = 501;
const NAME = 'Имя';

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const field = (key: string, title: string) => ({ key, title, kind: 'text', show_when_empty: true });
  await product.api.project('POST', '/fields', field('city', 'Город'));
  await product.api.project('POST', '/fields', field('floor', 'Этаж'));
  await product.api.project('POST', '/multi-contact-rules', { fields: ['contract', 'city'] });
  control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
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
/** A new client writes to the bot. */
async function talk(text: string) {
  control.person(nextPerson++, 'Нина').says(text);
  return product.api.conversationWith(text);
}
async function middle(target: Locator) {
  const box = await target.boundingBox();
  if (!box) throw new Error('nothing to drag');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
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

test('a field is dragged with the mouse, and an operator who has the card open sees the new order', async () => {
  const colleague = await newPerson(browser);
  const beside = new Desk(colleague.page, product.origin);
  await beside.signIn();
  await beside.open((await talk('Где мой заказ?')).id);
  const shown = async () => (await beside.card.locator('.row dt').allInnerTexts()).slice(-2).join();
  await until('the two fields in the card', async () => (await shown()) === 'Город,Этаж');
  await openFields();
  const grip = (title: string) =>
    page().getByRole('button', { name: ru.field_drag.replace('{title}', title) });
  const [from, to] = [await middle(grip('Этаж')), await middle(grip('Город'))];
  await page().mouse.move(from.x, from.y);
  await page().mouse.down();
  await page().mouse.move(from.x, (from.y + to.y) / 2, { steps: 4 });
  await page().mouse.move(to.x, to.y, { steps: 4 });
  await page().mouse.up();
  await until('floor before city', async () => (await keys()).join().endsWith('floor,city'));
  await until('the card to follow', async () => (await shown()) === 'Этаж,Город');
  const toShow = page().getByRole('switch', { name: `${ru.field_show_empty}: Этаж` });
  await toShow.click();
  await beside.field('Этаж').waitFor({ state: 'detached' });
  await toShow.click();
  await beside.field('Этаж').waitFor();
  await page()
    .getByRole('button', { name: `${ru.more}: ${NAME}` })
    .click();
  await page().getByRole('menuitem', { name: ru.field_hide }).click();
  await until(
    'the name to be hidden',
    async () => (await beside.card.getByText(NAME, { exact: true }).count()) === 0,
  );
  await product.api.project('PATCH', '/fields/name', { hidden: false });
  await beside.card.getByText(NAME, { exact: true }).waitFor();
  expect(colleague.faults).toEqual([]);
  await colleague.context.close();
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
  expect(await axeFindings(page())).toEqual([]);
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
  expect(await axeFindings(page())).toEqual([]);
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

const archive = () => page().getByTestId('deleted-fields');
const remove = async (title: string) => {
  await page()
    .getByRole('button', { name: `${ru.more}: ${title}` })
    .click();
  await page().getByRole('menuitem', { name: ru.delete }).click();
  await page().getByRole('dialog').getByRole('button', { name: ru.delete, exact: true }).click();
};
const row = (title: string) => page().getByRole('row').filter({ hasText: title });

test('a deleted field keeps its values in the archive, and is brought back with them', async () => {
  const { api } = product;
  await api.project('POST', '/fields', { key: 'shoe', title: 'Размер обуви', kind: 'text' });
  const fields = { shoe: '38' };
  const { id } = await api.project<{ id: string }>('POST', '/contacts', {
    channel: 'api',
    external_id: 'shoe-1',
    fields,
  });
  const held = async () => (await api.contact(id)).fields.shoe?.map(({ value }) => value);
  await openFields();
  await page()
    .getByRole('button', { name: `${ru.more}: Размер обуви` })
    .click();
  await page().getByRole('menuitem', { name: ru.delete }).click();
  const dialog = page().getByRole('dialog');
  await dialog.getByText('Значение у 1 клиента уйдёт в архив').waitFor();
  await dialog.getByRole('button', { name: ru.delete, exact: true }).click();
  await archive().getByText(ru.archive_fields).waitFor();
  const undo = page().getByRole('button', { name: ru.undo, exact: true });
  await undo.waitFor();
  expect(await held()).toBeUndefined();
  await undo.click();
  await row('Размер обуви').waitFor();
  expect(await held()).toEqual(['38']);
  await remove('Размер обуви');
  await row('Размер обуви').waitFor({ state: 'detached' });
  await page().reload();
  await archive().getByText(ru.archive_fields).click();
  const line = archive().locator('li').filter({ hasText: 'Размер обуви' });
  await line.getByText('1 значение').waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await line.getByRole('button', { name: ru.archive_restore.replace('{title}', 'Размер обуви') }).click();
  await row('Размер обуви').waitFor();
  expect(await held()).toEqual(['38']);
});

test('a field does not come back while another one has its key', async () => {
  const shoe = { key: 'shoe', title: 'Обувь', kind: 'text' };
  await remove('Размер обуви');
  await row('Размер обуви').waitFor({ state: 'detached' });
  await product.api.project('POST', '/fields', shoe);
  await archive()
    .getByRole('button', { name: ru.archive_restore.replace('{title}', 'Размер обуви') })
    .click();
  await page().getByText(ru.archive_taken).waitFor();
  await product.api.project('DELETE', '/fields/shoe');
});

test('an open fields page follows what others do to the fields', async () => {
  await openFields();
  await product.api.project('POST', '/fields', { key: 'hat', title: 'Шляпа', kind: 'text' });
  await row('Шляпа').waitFor();
  await product.api.project('PATCH', '/fields/hat', { title: 'Шапка' });
  await row('Шапка').waitFor();
  await choose('Шапка');
  await product.api.project('DELETE', '/fields/hat');
  await row('Шапка').waitFor({ state: 'detached' });
  await page().getByText(ru.field_gone).waitFor();
  await archive().getByText(ru.archive_fields).waitFor();
});

test('the card tells what a field held before, and who said so', async () => {
  const conversation = await talk('А мой?');
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
  expect(await axeFindings(page())).toEqual([]);
});
