import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Conversation } from './support/api';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let control: Control;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let conversation: Conversation;
let nextPerson = 300;

const FIELDS = [
  { key: 'plan', title: 'Тариф', kind: 'list', options: ['Старт', 'Рост'] },
  { key: 'interests', title: 'Интересы', kind: 'multi_list', options: ['Сад, огород', 'Дача', 'Дом'] },
  { key: 'story', title: 'Рассказ', kind: 'long_text' },
  { key: 'agrees', title: 'Согласие', kind: 'bool' },
  { key: 'birthday', title: 'Родился', kind: 'date' },
  { key: 'call_at', title: 'Позвонить', kind: 'datetime' },
  { key: 'rooms', title: 'Комнат', kind: 'number' },
  { key: 'addresses', title: 'Адреса', kind: 'text', multi: true },
  { key: 'score', title: 'Балл', kind: 'text', read_only: true },
  { key: 'secret', title: 'Тайна', kind: 'text' },
  { key: 'rare', title: 'Редкое', kind: 'text', show_when_empty: false },
  { key: 'town', title: 'Населённый пункт', kind: 'text' },
];

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  await product.api.addPhoneRule();
  for (const field of FIELDS)
    await product.api.project('POST', '/fields', { show_when_empty: true, ...field });
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

beforeEach(async () => {
  const person = control.person(nextPerson++, 'Нина');
  const hello = `Добрый день от ${person.user.id}`;
  person.says(hello);
  conversation = await product.api.conversationWith(hello);
});

type Fields = Record<string, string | string[] | null>;
const setFields = (fields: Fields, id = conversation.contact_id) =>
  product.api.project('PATCH', `/contacts/${id}`, { fields });
/** Somebody with a phone of their own, joined with the client of the test. */
async function addSibling(fields: Fields): Promise<string> {
  const phone = `+7 912 555-${String(nextPerson).padStart(4, '0')}`;
  const body = { channel: 'api', external_id: crypto.randomUUID(), fields: { phone, ...fields } };
  const { id } = await product.api.project<{ id: string }>('POST', '/contacts', body);
  await setFields({ phone });
  return id;
}
const stored = async (key: string, id = conversation.contact_id) =>
  (await product.api.contact(id)).fields[key]?.map(({ value }) => value) ?? [];
const toHold = (key: string, values: string[]) =>
  until(`${key} to be ${values.join(' | ')}`, async () => (await stored(key)).join('|') === values.join('|'));
const row = (title: string) => desk.field(title);
const fill = (title: string) => row(title).getByRole('button', { name: ru.field_fill }).click();
const save = (title: string) => row(title).getByRole('button', { name: ru.save }).click();

test('the name that the channel gave is changed in the card', async () => {
  await desk.open(conversation.id);
  const name = desk.card.locator('.row').first();
  expect(await name.locator('dt').innerText()).toBe('Имя');
  await name.getByRole('button', { name: 'Нина', exact: true }).click();
  await name.locator('input').fill('Нина Петрова');
  await name.locator('input').press('Enter');
  await desk.card.getByRole('heading', { name: 'Нина Петрова' }).waitFor();
  expect(await stored('name')).toEqual(['Нина Петрова']);
});

const toast = (text: string) => desk.page.locator('[data-sonner-toast]').filter({ hasText: text });
const channels = () => desk.card.locator('li.contact');

test('a phone that is none is kept with an amber mark and the reason, parts nobody, and is taken back', async () => {
  await addSibling({ name: 'Зоя' });
  const [number] = await stored('phone');
  await desk.open(conversation.id);
  await until('two channels', async () => (await channels().count()) === 2);
  const phone = row('Мобильный телефон');
  await phone.getByRole('img', { name: ru.field_verified }).waitFor();
  await phone.locator('button.text').first().click();
  await phone.locator('input').first().fill('12');
  await save('Мобильный телефон');
  await toast(ru.field_saved_unusable).waitFor();
  const line = phone.locator('.value').filter({ hasText: '12' }).first();
  await line.getByRole('img', { name: ru.field_unusable }).waitFor();
  expect(await line.getByRole('img', { name: ru.field_verified }).count()).toBe(0);
  const why = phone.getByTestId('unusable');
  expect(await why.innerText()).toContain(ru.unusable_phone);
  expect(await why.innerText()).toContain(number);
  expect(await channels().count()).toBe(2);
  expect(await axeFindings(desk.page)).toEqual([]);
  await toast(ru.field_saved_unusable).getByRole('button', { name: ru.undo }).click();
  await toast(ru.field_undone).waitFor();
  await toHold('phone', [number ?? '']);
  await phone.getByTestId('unusable').waitFor({ state: 'detached' });
  await phone.getByRole('img', { name: ru.field_verified }).waitFor();
});

test('an edit of a field or of the tags is taken back from its toast', async () => {
  await setFields({ town: 'Пермь' });
  await desk.open(conversation.id);
  await row('Населённый пункт').getByRole('button', { name: 'Пермь', exact: true }).click();
  await row('Населённый пункт').locator('input').fill('Омск');
  await row('Населённый пункт').locator('input').press('Enter');
  await toHold('town', ['Омск']);
  await toast(ru.field_saved).getByRole('button', { name: ru.undo }).click();
  await toHold('town', ['Пермь']);
  await row('Населённый пункт').getByRole('button', { name: 'Пермь', exact: true }).waitFor();
  const tags = desk.card.getByRole('list', { name: ru.tags, exact: true });
  await tags.getByRole('button', { name: ru.tag_add }).click();
  await tags.getByRole('combobox').fill('опт');
  await tags.getByRole('combobox').press('Enter');
  await tags.getByTestId('tag').getByText('опт').waitFor();
  await toast(ru.tags_saved).getByRole('button', { name: ru.undo }).click();
  await tags.getByTestId('tag').getByText('опт').waitFor({ state: 'detached' });
});

test('a list is chosen from its options, and taken back', async () => {
  await desk.open(conversation.id);
  await fill('Тариф');
  await row('Тариф').locator('select').selectOption('Рост');
  await toHold('plan', ['Рост']);
  await row('Тариф').getByRole('button', { name: 'Рост', exact: true }).click();
  await row('Тариф').locator('select').selectOption('');
  await toHold('plan', []);
});

test('several options are ticked and stored as a list of values', async () => {
  await desk.open(conversation.id);
  await fill('Интересы');
  await row('Интересы').getByRole('checkbox', { name: 'Дом' }).check();
  await row('Интересы').getByRole('checkbox', { name: 'Сад, огород' }).check();
  expect(await axeFindings(desk.page)).toEqual([]);
  await save('Интересы');
  await toHold('interests', ['Сад, огород', 'Дом']);
  await row('Интересы').getByRole('button', { name: 'Дом', exact: true }).click();
  await row('Интересы').getByRole('checkbox', { name: 'Дом' }).uncheck();
  await save('Интересы');
  await toHold('interests', ['Сад, огород']);
});

test('a long text keeps its lines', async () => {
  await desk.open(conversation.id);
  await fill('Рассказ');
  const area = row('Рассказ').locator('textarea');
  await area.pressSequentially('Первая строка');
  await area.press('Enter');
  await area.pressSequentially('вторая');
  await area.press('Control+Enter');
  await toHold('story', ['Первая строка\nвторая']);
  const shown = row('Рассказ').locator('.text');
  await shown.waitFor();
  expect(await shown.innerText()).toBe('Первая строка\nвторая');
});

test('yes or no, a date, a time and a number have inputs of their own', async () => {
  await desk.open(conversation.id);
  await fill('Согласие');
  await row('Согласие').locator('select').selectOption({ label: ru.yes });
  await toHold('agrees', ['true']);
  const inputs = [
    ['Родился', 'date', 'birthday', '1990-05-17'],
    ['Позвонить', 'datetime-local', 'call_at', '2026-12-01T09:30'],
    ['Комнат', 'number', 'rooms', '2.5'],
  ] as const;
  for (const [title, type, key, value] of inputs) {
    await fill(title);
    expect(await row(title).locator('input').getAttribute('type')).toBe(type);
    await row(title).locator('input').fill(value);
    await row(title).locator('input').press('Enter');
    await toHold(key, [value]);
  }
  await row('Родился').getByText('17 мая 1990').waitFor();
});

test('half a date clears nothing and is said to be wrong', async () => {
  await setFields({ birthday: '1990-05-17' });
  await desk.open(conversation.id);
  await row('Родился').getByRole('button', { name: '17 мая 1990' }).click();
  await row('Родился').locator('input').press('Backspace');
  await row('Родился').locator('input').press('Enter');
  await row('Родился').getByRole('alert').waitFor();
  expect(await stored('birthday')).toEqual(['1990-05-17']);
  await row('Родился').locator('input').press('Escape');
  await row('Родился').getByRole('button', { name: '17 мая 1990' }).waitFor();
});

test('several values are edited one by one, commas and all', async () => {
  await setFields({ addresses: ['Пермь, ул. Мира, 1'] });
  await desk.open(conversation.id);
  await row('Адреса').getByRole('button', { name: 'Пермь, ул. Мира, 1', exact: true }).click();
  await row('Адреса').getByRole('button', { name: ru.chip_add }).click();
  await row('Адреса').locator('input').nth(1).fill('Тюмень, ул. Республики, 2');
  expect(await axeFindings(desk.page)).toEqual([]);
  await row('Адреса').locator('input').nth(1).press('Enter');
  await toHold('addresses', ['Пермь, ул. Мира, 1', 'Тюмень, ул. Республики, 2']);
  await row('Адреса').getByRole('button', { name: 'Пермь, ул. Мира, 1', exact: true }).click();
  await row('Адреса')
    .getByRole('button', { name: ru.chip_remove.replace('{value}', 'Пермь, ул. Мира, 1') })
    .click();
  await save('Адреса');
  await toHold('addresses', ['Тюмень, ул. Республики, 2']);
});

test('what channels of one person hold is shown once each, and an edit goes to the open one', async () => {
  const sibling = await addSibling({ town: 'Кунгур', plan: 'Старт' });
  await setFields({ town: 'Пермь', plan: 'Старт' });
  await desk.open(conversation.id);
  await until('two channels', async () => (await desk.card.locator('li.contact').count()) === 2);
  const texts = (title: string) => row(title).locator('.text').allInnerTexts();
  expect(await texts('Населённый пункт')).toEqual(['Пермь', 'Кунгур']);
  expect(await texts('Тариф')).toEqual(['Старт']);
  const kungur = row('Населённый пункт').locator('.value').filter({ hasText: 'Кунгур' });
  expect(await kungur.locator('.whose').getAttribute('title')).toContain('API');
  await kungur.locator('button.text').click();
  expect(await row('Населённый пункт').locator('input').inputValue()).toBe('Пермь');
  await row('Населённый пункт').locator('input').fill('Березники');
  await row('Населённый пункт').locator('input').press('Enter');
  await toHold('town', ['Березники']);
  expect(await stored('town', sibling)).toEqual(['Кунгур']);
  await until('both values', async () => (await texts('Населённый пункт')).join() === 'Березники,Кунгур');
  expect(await axeFindings(desk.page)).toEqual([]);
});

test('what an empty field held before is found behind the fold', async () => {
  await setFields({ rare: 'было' });
  await setFields({ rare: null });
  await desk.open(conversation.id);
  expect(await row('Редкое').count()).toBe(0);
  await desk.card.locator('button.fold').click();
  await row('Редкое')
    .getByRole('button', { name: ru.history_of.replace('{title}', 'Редкое') })
    .click();
  const history = desk.page.getByTestId('field-history');
  await history.getByText('было').waitFor();
  expect(await history.locator('li b').allTextContents()).toEqual([ru.history_cleared, 'было']);
  expect(await axeFindings(desk.page)).toEqual([]);
  await desk.page.keyboard.press('Escape');
  await desk.card.locator('button.fold').click();
  await row('Редкое').waitFor({ state: 'detached' });
});

test('a read-only field is only read', async () => {
  await desk.open(conversation.id);
  await row('Балл').waitFor();
  expect(await row('Балл').getByRole('button', { name: ru.field_fill }).count()).toBe(0);
  await setFields({ score: '5 из 5' });
  await row('Балл').getByText('5 из 5').waitFor();
  expect(await row('Балл').locator('button.text').count()).toBe(0);
  await row('Балл').getByText('5 из 5').click();
  expect(await row('Балл').locator('input').count()).toBe(0);
});

test('a hidden field is not shown, whatever it holds', async () => {
  await setFields({ secret: 'не показывать' });
  await desk.open(conversation.id);
  await row('Тайна').getByText('не показывать').waitFor();
  await product.api.project('PATCH', '/fields/secret', { hidden: true });
  await row('Тайна').waitFor({ state: 'detached' });
  await desk.card.locator('button.fold').click();
  await row('Редкое').waitFor();
  expect(await row('Тайна').count()).toBe(0);
});

test('tags are added and taken off in the card', async () => {
  await desk.open(conversation.id);
  const tags = () => desk.page.getByRole('list', { name: ru.tags, exact: true });
  const stored = async () =>
    (await product.api.project<{ tags: string[] }>('GET', `/contacts/${conversation.contact_id}`)).tags;
  for (const tag of ['оптовик', 'ждёт звонка']) {
    await tags().getByRole('button', { name: ru.tag_add, exact: true }).click();
    await desk.page.getByLabel(ru.tag_new).fill(tag);
    await desk.page.keyboard.press('Enter');
    await tags().getByTestId('tag').getByText(tag).waitFor();
  }
  expect(await stored()).toEqual(['оптовик', 'ждёт звонка']);
  expect(await axeFindings(desk.page)).toEqual([]);
  await tags()
    .getByRole('button', { name: ru.tag_remove.replace('{tag}', 'оптовик') })
    .click();
  await tags().getByText('оптовик').waitFor({ state: 'hidden' });
  expect(await stored()).toEqual(['ждёт звонка']);
});
