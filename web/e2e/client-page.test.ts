import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
let browser: Browser;
let operator: Watched;
let desk: Desk;
let conversation: Conversation;
let imported: { id: string };

const HELLO = 'Торшер ещё есть?';

/** Olga wrote in Telegram, and stands in an imported table with the same phone; Gleb is only in the table. */
beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  await product.api.addPhoneRule();
  control.person(700, 'Ольга', 'olga_v').says(HELLO);
  conversation = await product.api.conversationWith(HELLO);
  await product.api.project('PATCH', `/contacts/${conversation.contact_id}`, {
    fields: { phone: '+7 922 555-07-19' },
  });
  const create = (external_id: string, fields: Record<string, string>) =>
    product.api.project<{ id: string }>('POST', '/contacts', { channel: 'api', external_id, fields });
  await create('olga-1', { name: 'Ольга Вершинина', phone: '8 922 555 07 19', email: 'olga@fern.example' });
  imported = await create('gleb-1', { name: 'Глеб', phone: '+7 922 555-44-44' });
  const file = await product.api.upload('Счёт 71048.txt', 'text/plain', new TextEncoder().encode('счёт'));
  await product.api.send(conversation.id, 'Есть, вот счёт', [file.id]);
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
const facts = () => page().getByTestId('client-facts');
const around = () => page().getByTestId('client-around');
const heading = (name: string) => page().getByRole('heading', { level: 1, name });
const write = () => page().getByRole('button', { name: ru.start_chat_write, exact: true });

test('a client who never wrote opens from the table by the keyboard, and can be edited', async () => {
  await desk.goto('/clients');
  await page().getByRole('link', { name: 'Глеб' }).press('Enter');
  await heading('Глеб').waitFor();
  expect(new URL(page().url()).pathname).toBe(`/clients/${imported.id}`);
  await page().getByText(ru.client_timeline_none).waitFor();
  await around().getByText(ru.client_chats_none).waitFor();
  await around().getByText(ru.client_files_none).waitFor();
  const name = facts().locator('.row').filter({ hasText: 'Имя' });
  await name.locator('button.text').press('Enter');
  await name.locator('input').fill('Глеб Северов');
  await name.locator('input').press('Enter');
  await heading('Глеб Северов').waitFor();
  await page()
    .getByRole('button', { name: ru.history_of.replace('{title}', 'Имя') })
    .click();
  await page().getByTestId('field-history').getByText('Глеб Северов').waitFor();
  await page().keyboard.press('Escape');
  expect(await axeFindings(page())).toEqual([]);
});

test('where they can be written to stands with reasons where not', async () => {
  await desk.goto(`/clients/${imported.id}`);
  await write().click();
  const ways = page().getByTestId('ways');
  await ways.getByTestId('closed-way').filter({ hasText: 'Telegram' }).waitFor();
  await ways.getByText(ru.start_chat_why_client_first).first().waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await page().keyboard.press('Escape');
});

test('one timeline, the chats, the reasons of the multi-contact and the files of every channel', async () => {
  await desk.open(conversation.id);
  await desk.card.getByRole('link', { name: 'Ольга', exact: true }).click();
  await heading('Ольга').waitFor();
  await desk.bubble(HELLO).waitFor();
  await facts().getByText('olga-1').waitFor();
  await facts().getByText(ru.group_rule.replace('{n}', '1')).waitFor();
  await around()
    .getByRole('link', { name: HELLO })
    .or(around().getByText('Есть, вот счёт'))
    .first()
    .waitFor();
  await around().getByTestId('client-files').getByText('Счёт 71048.txt').waitFor();
  expect(await axeFindings(page())).toEqual([]);
  // A member of the multi-contact has a page of its own.
  await facts().getByRole('link', { name: 'olga-1' }).click();
  await heading('Ольга Вершинина').waitFor();
  await desk.bubble(HELLO).waitFor();
});

test('what happens meanwhile is shown, and a reply goes out from the page', async () => {
  await desk.goto(`/clients/${conversation.contact_id}`);
  await desk.bubble(HELLO).waitFor();
  await product.api.send(conversation.id, 'Отложить для вас?');
  await desk.bubble('Отложить для вас?').waitFor();
  await write().click();
  await page().getByTestId('open-way').filter({ hasText: 'Telegram' }).click();
  const dialog = page().getByRole('dialog');
  await dialog.getByTestId('start-chat-text').fill('Привезём завтра');
  await dialog.getByRole('button', { name: ru.send }).click();
  await page().waitForURL(`**/inbox/${conversation.id}`);
  await desk.bubble('Привезём завтра').waitFor();
});

test('a client who is gone says so, with the way back', async () => {
  const short = await product.api.project<{ id: string }>('POST', '/contacts', {
    channel: 'api',
    external_id: 'short',
    fields: { name: 'Ненадолго' },
  });
  await desk.goto(`/clients/${short.id}`);
  await heading('Ненадолго').waitFor();
  await product.api.project('DELETE', `/contacts/${short.id}`);
  await page().getByText(ru.client_missing, { exact: true }).waitFor();
  await page().reload();
  await page().getByText(ru.client_missing, { exact: true }).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await page().getByRole('link', { name: ru.client_to_list }).click();
  await until('the list', async () => (await page().locator('tbody tr').count()) > 0);
});
