import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import type { Conversation } from './support/api';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { picture } from './support/samples';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

const SHOTS = process.env.OTKLIK_SHOTS;
const SCREEN = { width: 1440, height: 900 };
/** Whom somebody may take for one of ours. */
const NAME = 'Администратор сайта';

let product: Product;
let fake: TelegramFake;
let control: Control;
let browser: Browser;
let operator: Watched;
let desk: Desk;
let conversation: Conversation;
let other: Conversation;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  await product.api.project('POST', '/fields', {
    key: 'story',
    title: 'Рассказ',
    kind: 'long_text',
    show_when_empty: true,
  });
  operator = await newPerson(browser, SCREEN);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  control.person(801, 'Нина').says('первый чат');
  control.person(802, 'Олег').says('второй чат');
  [conversation, other] = await Promise.all([
    product.api.conversationWith('первый чат'),
    product.api.conversationWith('второй чат'),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(operator?.faults).toEqual([]);
});

const audit = () => `/projects/${product.made.project_id}/settings/audit`;

test('the page of the audit log says that it is whole, or what of it is missing', async () => {
  const state = () => desk.page.getByTestId('audit-check');
  await desk.goto(audit());
  await state().getByText(ru.audit_whole.split('(')[0]!.trim()).waitFor();
  const found = { is_whole: false, last: 7, changed_at: 4, missing_at_end: 3, seal: 'good' };
  for (const look of LOOKS) {
    const person = await newPerson(browser, { dark: look.dark, width: look.width, height: 900 });
    const page = new Desk(person.page, product.origin);
    const words = look.locale === 'ru' ? ru : en;
    await page.signIn();
    await page.changeMe({ locale: look.locale });
    await person.page.route('**/api/v1/audit-log/check', (route) => route.fulfill({ json: found }));
    await page.goto(audit());
    const alert = person.page.getByTestId('audit-check').getByRole('alert');
    await alert.waitFor();
    const said = await alert.innerText();
    expect(said).toContain(words.audit_broken);
    expect(said).toContain(words.audit_cut.replace('{count}', '3').replace('{last}', '7'));
    expect(await axeFindings(person.page)).toEqual([]);
    if (SHOTS) {
      await person.page.screenshot({ path: `${SHOTS}/audit-${look.locale}-${look.dark}-${look.width}.png` });
    }
    expect(person.faults).toEqual([]);
    await person.context.close();
  }
  await desk.changeMe({ locale: 'ru' });
});

test('a picture is shown in a session and opens nothing where there is none', async () => {
  const file = await product.api.upload('план.png', 'image/png', picture());
  await product.api.send(conversation.id, 'вот план', [file.id]);
  await desk.open(conversation.id);
  const shown = desk.bubble('вот план').locator('img');
  await shown.waitFor();
  const address = (await shown.getAttribute('src'))!;
  expect(address).toMatch(/&for=team$/);
  const width = () => shown.evaluate((img) => (img as HTMLImageElement).naturalWidth);
  await expect.poll(width).toBe(64);
  expect((await fetch(product.origin + address)).status).toBe(404);
});

test('files that were chosen stay with the draft of a chat that is left', async () => {
  await desk.goto('/inbox');
  await desk.showAll();
  await desk.row(conversation.id).click();
  await desk.composer.fill('посмотрите');
  const file = { name: 'смета.png', mimeType: 'image/png', buffer: Buffer.from(picture()) };
  const chosen = desk.page.getByText('смета.png', { exact: true });
  await desk.page.locator('input[type=file]').setInputFiles([file]);
  await chosen.waitFor();
  await desk.row(other.id).click();
  await desk.bubble('второй чат').waitFor();
  expect(await chosen.count()).toBe(0);
  await desk.row(conversation.id).click();
  await chosen.waitFor();
  expect(await desk.composer.inputValue()).toBe('посмотрите');
  await desk.composer.press('Enter');
  await desk.bubble('посмотрите').locator('img').waitFor();
  expect(await chosen.count()).toBe(0);
});

test('what is typed in the card is not lost when the window becomes narrower, and wide again', async () => {
  await desk.open(conversation.id);
  const row = () => desk.field('Рассказ');
  await row().getByRole('button', { name: ru.field_fill }).click();
  await row().locator('textarea').fill('Пишет роман');
  await desk.page.setViewportSize({ width: 1000, height: 900 });
  await desk.card.getByRole('button', { name: ru.card_close }).waitFor();
  expect(await row().locator('textarea').inputValue()).toBe('Пишет роман');
  await desk.card.getByRole('button', { name: ru.card_close }).click();
  const question = desk.page.getByTestId('unsaved');
  await question.getByRole('button', { name: ru.unsaved_stay, exact: true }).click();
  await question.waitFor({ state: 'hidden' });
  await desk.page.setViewportSize(SCREEN);
  expect(await row().locator('textarea').inputValue()).toBe('Пишет роман');
  await row().getByRole('button', { name: ru.save }).click();
  await row().locator('textarea').waitFor({ state: 'detached' });
  expect((await product.api.contact(conversation.contact_id)).fields.story?.[0]?.value).toBe('Пишет роман');
});

test('a client who may be taken for one of ours is marked in the lists of clients and in search', async () => {
  await product.api.project('PATCH', `/contacts/${other.contact_id}`, { fields: { name: NAME } });
  await desk.goto('/clients');
  const line = desk.page.locator('tr', { hasText: NAME });
  await line.getByTestId('lookalike').waitFor();
  expect(await desk.page.locator('tr', { hasText: 'Нина' }).getByTestId('lookalike').count()).toBe(0);
  expect(await axeFindings(desk.page)).toEqual([]);
  if (SHOTS) await desk.page.screenshot({ path: `${SHOTS}/clients-lookalike.png` });
  await desk.goto(`/search?q=${encodeURIComponent('второй')}`);
  await desk.page.getByTestId('hit').filter({ hasText: NAME }).first().getByTestId('lookalike').waitFor();
});
