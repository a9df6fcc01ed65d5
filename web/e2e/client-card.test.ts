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
let nextPerson = 100;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  await product.api.addPhoneRule();
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

/** Every test has a client of its own, with a conversation in Telegram. */
beforeEach(async () => {
  const person = control.person(nextPerson++, 'Нина');
  const hello = `Добрый день от ${person.user.id}`;
  person.says(hello);
  conversation = await product.api.conversationWith(hello);
});

const addContact = (name: string, fields: Record<string, string> = {}) =>
  product.api.project<{ id: string }>('POST', '/contacts', {
    channel: 'api',
    external_id: crypto.randomUUID(),
    fields: { name, ...fields },
  });
const setFields = (id: string, fields: Record<string, string>) =>
  product.api.project('PATCH', `/contacts/${id}`, { fields });
const channels = () => desk.card.locator('li.contact');
const decisions = () => desk.card.getByTestId('decisions');
const explanation = () => desk.page.getByTestId('explanation');
const dialog = () => desk.page.getByRole('dialog');

async function menuOf(index: number, item: string) {
  await channels().nth(index).locator('.icon-btn').click();
  await desk.page.getByRole('menuitem', { name: item }).click();
}

test('two clients are linked by hand from the keyboard, with a note, and the link is undone', async () => {
  const other = `Пётр ${conversation.id.slice(-6)}`;
  await addContact(other);
  await desk.open(conversation.id);
  await desk.page.getByRole('button', { name: ru.link_first }).press('Enter');
  const input = dialog().getByRole('combobox');
  await input.fill(other);
  await dialog().getByRole('option', { name: other }).waitFor();
  await input.press('Enter');
  await explanation().getByText(ru.why_apart).waitFor();
  await dialog().locator('textarea').fill('Пишет с рабочего аккаунта');
  expect(await axeFindings(desk.page)).toEqual([]);
  await dialog().getByRole('button', { name: ru.link_action, exact: true }).press('Enter');
  await until('two channels', async () => (await channels().count()) === 2);
  await decisions().getByText('Пишет с рабочего аккаунта').waitFor();
  expect(await decisions().innerText()).toContain('anna');
  await decisions().getByRole('button').click();
  await until('one channel again', async () => (await channels().count()) === 1);
  expect(await decisions().count()).toBe(0);
});

test('a channel is split from its neighbours, the explanation says so, and undo brings it back', async () => {
  const other = await addContact('Ольга', { phone: '+7 912 555-77-01' });
  await setFields(conversation.contact_id, { phone: '8 912 555-77-01' });
  await desk.open(conversation.id);
  await until('two channels', async () => (await channels().count()) === 2);
  await menuOf(0, ru.why_action);
  await explanation().getByText('+79125557701').waitFor();
  await desk.page.keyboard.press('Escape');
  const own = (await product.api.contact(conversation.contact_id)) as unknown as { handle: string };
  const place = (await channels().nth(0).innerText()).includes(own.handle) ? 1 : 0;
  await menuOf(place, ru.unlink);
  await dialog().locator('textarea').fill('Муж и жена');
  await dialog().getByRole('button', { name: ru.unlink, exact: true }).click();
  await until('one channel', async () => (await channels().count()) === 1);
  await decisions().getByText('Муж и жена').waitFor();
  await menuOf(0, ru.why_action);
  await dialog().getByRole('combobox').fill('Ольга');
  await dialog().getByRole('option').first().click();
  await explanation().getByText(ru.why_by_hand).waitFor();
  await desk.page.keyboard.press('Escape');
  await decisions().getByRole('button').click();
  await until('two channels again', async () => (await channels().count()) === 2);
  await product.api.project('DELETE', `/contacts/${other.id}`);
});

const toast = (text: string) => desk.page.locator('[data-sonner-toast]').filter({ hasText: text });

test('what was joined by hand is parted by hand: the newest decision holds, and its undo brings the older one back', async () => {
  const other = await addContact('Зоя');
  const pair = { kind: 'link', contacts: [conversation.contact_id, other.id] };
  await product.api.project('POST', '/multi-contact-overrides', pair);
  await desk.open(conversation.id);
  await until('two channels', async () => (await channels().count()) === 2);
  await menuOf(1, ru.unlink);
  await dialog().getByRole('button', { name: ru.unlink, exact: true }).click();
  await toast(ru.unlink_done).waitFor();
  await until('one channel', async () => (await channels().count()) === 1);
  await until('one decision', async () => (await decisions().locator('li').count()) === 1);
  const instead = ru.decision_instead.replace('{what}', 'Объединены');
  await decisions().getByText(instead).waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
  await toast(ru.unlink_done).getByRole('button', { name: ru.undo }).click();
  await until('two channels again', async () => (await channels().count()) === 2);
  await until('the older decision', async () => (await decisions().innerText()).includes('Объединены'));
  expect(await decisions().locator('li').count()).toBe(1);
  expect(await decisions().getByText(instead).count()).toBe(0);
  // The toast of an undo takes that back as well.
  await decisions().getByRole('button').click();
  await until('one channel', async () => (await channels().count()) === 1);
  await toast(ru.decision_undone).first().getByRole('button', { name: ru.undo }).click();
  await until('two channels for good', async () => (await channels().count()) === 2);
  await product.api.project('DELETE', `/contacts/${other.id}`);
});

test('a channel that meets somebody else when it is parted is not said to be separate', async () => {
  const phone = `+7 912 556-${String(nextPerson).padStart(4, '0')}`;
  const [neighbour, other] = [await addContact('Сосед', { phone }), await addContact('Зоя')];
  await setFields(conversation.contact_id, { phone });
  const settings = (max_group: number) =>
    product.api.project('PATCH', '/multi-contact-settings', { max_group });
  await settings(2);
  const pair = { kind: 'link', contacts: [conversation.contact_id, other.id] };
  await product.api.project('POST', '/multi-contact-overrides', pair);
  await desk.open(conversation.id);
  await until('two channels', async () => (await channels().count()) === 2);
  const own = (await product.api.contact(conversation.contact_id)) as unknown as { handle: string };
  await menuOf((await channels().nth(0).innerText()).includes(own.handle) ? 0 : 1, ru.unlink);
  await dialog().getByRole('button', { name: ru.unlink, exact: true }).click();
  await toast(ru.unlink_still.split('{')[0]!.trim()).waitFor();
  expect(await toast(ru.unlink_done).count()).toBe(0);
  await product.api.project('DELETE', `/contacts/${neighbour.id}`);
  await product.api.project('DELETE', `/contacts/${other.id}`);
  await settings(100);
});

test('different values of an exclusive field are a conflict, said in words', async () => {
  await addContact('Ирина', { phone: '+7 912 555-77-02', customer_id: 'С-1' });
  await setFields(conversation.contact_id, { phone: '+7 912 555-77-02', customer_id: 'С-2' });
  await desk.open(conversation.id);
  const conflict = desk.card.getByTestId('conflict');
  await conflict.waitFor();
  expect(await conflict.innerText()).toContain('С-1');
  expect(await conflict.innerText()).toContain('С-2');
  await desk.field('ID клиента').getByRole('img', { name: ru.conflict_mark }).first().waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
});

test('a rule that only suggests proposes a client; one is refused for good, another accepted', async () => {
  const contract = `Д-${conversation.id.slice(-6)}`;
  const rule = { fields: ['contract'], mode: 'suggest' };
  const { id } = await product.api.project<{ id: string }>('POST', '/multi-contact-rules', rule);
  await addContact('Яна', { contract });
  await addContact('Юрий', { contract });
  await setFields(conversation.contact_id, { contract });
  await desk.open(conversation.id);
  const block = () => desk.card.getByTestId('suggestions');
  const suggested = (name: string) => block().locator('.one').filter({ hasText: name });
  await suggested('Яна').getByText(contract).waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
  await suggested('Яна').getByRole('button', { name: ru.suggestion_refuse }).click();
  await suggested('Яна').waitFor({ state: 'detached' });
  await toast(ru.suggestion_refused).getByRole('button', { name: ru.undo }).click();
  await suggested('Яна').getByRole('button', { name: ru.suggestion_refuse }).click();
  await suggested('Яна').waitFor({ state: 'detached' });
  await suggested('Юрий').getByRole('button', { name: ru.link_action }).click();
  await until('two channels', async () => (await channels().count()) === 2);
  await desk.page.reload();
  await channels().first().waitFor();
  await decisions().waitFor();
  expect(await block().count()).toBe(0);
  await product.api.project('DELETE', `/multi-contact-rules/${id}`);
});

test('somebody who becomes alike while the card is open is proposed there', async () => {
  const contract = `Ж-${conversation.id.slice(-6)}`;
  const rule = { fields: ['contract'], mode: 'suggest' };
  const { id } = await product.api.project<{ id: string }>('POST', '/multi-contact-rules', rule);
  const other = await addContact('Вера');
  await setFields(conversation.contact_id, { contract });
  await desk.open(conversation.id);
  await channels().first().waitFor();
  const block = desk.card.getByTestId('suggestions');
  expect(await block.count()).toBe(0);
  await setFields(other.id, { contract });
  await block.getByText('Вера').waitFor();
  await product.api.project('DELETE', `/contacts/${other.id}`);
  await block.waitFor({ state: 'detached' });
  await product.api.project('DELETE', `/multi-contact-rules/${id}`);
});
