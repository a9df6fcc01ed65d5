import type { Browser } from 'playwright-core';
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
let person: Watched;
let desk: Desk;
let id: string;
let contactId: string;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const bot = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, bot.bot.token, 'webhook');
  bot.person(911, 'Лена').says('Где лампа?');
  const conversation = await product.api.conversationWith('Где лампа?');
  [id, contactId] = [conversation.id, conversation.contact_id];
  person = await newPerson(browser);
  desk = new Desk(person.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(person?.faults).toEqual([]);
});

const page = () => person.page;
const rows = () => page().getByTestId('tag-row');
const stored = async () => ((await product.api.contact(contactId)) as unknown as { tags: string[] }).tags;
const dialog = () => page().getByRole('dialog');

async function add(name: string, colour: string) {
  await page().getByRole('button', { name: ru.tag_list_add }).first().click();
  await page().getByLabel(ru.tag_name).fill(name);
  await page().getByText(colour, { exact: true }).click();
  await page().getByRole('button', { name: ru.save, exact: true }).click();
  await rows().filter({ hasText: name }).waitFor();
}

test('tags are listed with colours, and put into another order', async () => {
  await desk.settings(product.made.project_id, 'tags');
  await page().getByText(ru.tags_none).waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await add('VIP', ru.tag_colour_red);
  await add('Опт', ru.tag_colour_green);
  await page().getByRole('button', { name: ru.tag_list_add }).first().click();
  await page().getByLabel(ru.tag_name).fill('опт');
  await page().getByRole('button', { name: ru.save, exact: true }).click();
  await page().locator('input[aria-invalid=true]').waitFor();
  await page().getByRole('button', { name: ru.cancel, exact: true }).click();
  await page().getByTestId('unsaved').getByRole('button', { name: ru.unsaved_discard }).click();
  await page()
    .getByRole('button', { name: `${ru.more}: Опт` })
    .click();
  await page().getByRole('menuitem', { name: ru.field_move_up }).click();
  await until('the order', async () => (await rows().allInnerTexts()).join().startsWith('Опт'));
  expect(await axeFindings(page())).toEqual([]);
});

test('the key L opens the picker; a listed tag is offered and has its colour, another word stays grey', async () => {
  await desk.open(id);
  await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page().keyboard.press('KeyL');
  const input = page().getByTestId('tag-input');
  await input.waitFor();
  await page().getByRole('option').first().waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await page().keyboard.type('vi');
  await page().getByRole('option', { name: 'VIP' }).waitFor();
  await page().keyboard.press('Enter');
  const vip = desk.card.getByTestId('tag').filter({ hasText: 'VIP' });
  await vip.waitFor();
  expect(await vip.getAttribute('data-colour')).toBe('red');
  await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page().keyboard.press('KeyL');
  await page().keyboard.type('свой');
  await page().keyboard.press('Enter');
  const own = desk.card.getByTestId('tag').filter({ hasText: 'свой' });
  await own.waitFor();
  expect(await own.getAttribute('data-colour')).toBeNull();
  expect(await stored()).toEqual(['VIP', 'свой']);
});

test('a rename reaches the clients, and says where the old word stays', async () => {
  await product.api.project('POST', '/saved-views', { name: 'Важные', query: { tag: 'VIP' }, shared: true });
  await desk.settings(product.made.project_id, 'tags');
  await rows().filter({ hasText: 'VIP' }).getByRole('button', { name: 'VIP', exact: true }).click();
  await page().getByLabel(ru.tag_name).fill('Важный');
  await page().getByTestId('tag-usage').getByText('Важные').waitFor();
  expect(await axeFindings(page())).toEqual([]);
  await page().getByRole('button', { name: ru.save, exact: true }).click();
  await until('the client to follow', async () => (await stored()).join() === 'Важный,свой');
  await page().locator('[data-testid=retag][data-state=done]').waitFor();
});

test('a tag is merged and deleted by its name', async () => {
  await page()
    .getByRole('button', { name: `${ru.more}: Важный` })
    .click();
  await page().getByRole('menuitem', { name: ru.tag_merge }).click();
  await dialog().getByLabel(ru.tag_merge_into).selectOption({ label: 'Опт' });
  expect(await axeFindings(page())).toEqual([]);
  await dialog().getByTestId('typed-name').fill('Важный');
  await dialog().getByRole('button', { name: ru.tag_merge }).click();
  await until('the client to follow', async () => (await stored()).join() === 'Опт,свой');
  await rows().filter({ hasText: 'Важный' }).waitFor({ state: 'detached' });
  await page()
    .getByRole('button', { name: `${ru.more}: Опт` })
    .click();
  await page().getByRole('menuitem', { name: ru.delete }).click();
  await dialog().getByText(ru.tag_delete_clients).click();
  await dialog().getByTestId('typed-name').fill('Опт');
  await dialog().getByRole('button', { name: ru.delete, exact: true }).click();
  await until('the client to lose it', async () => (await stored()).join() === 'свой');
});

test('a project that keeps to its list offers nothing else', async () => {
  await add('VIP', ru.tag_colour_blue);
  await page().getByRole('switch', { name: ru.tags_free }).click();
  await until('the server to know', async () => {
    const project = await product.api.call<{ free_tags: boolean }>(
      'GET',
      `/projects/${product.made.project_id}`,
    );
    return !project.free_tags;
  });
  await desk.open(id);
  await page().evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page().keyboard.press('KeyL');
  await page().keyboard.type('другой');
  await page().getByText(ru.tag_unknown).waitFor();
  await page().keyboard.press('Enter');
  expect(await stored()).toEqual(['свой']);
});
