import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Mailings } from './support/mailings';
import { Product } from './support/product';
import { shot } from './support/shot';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

/** Segments from the list of clients to a mailing; a goal and links, from the editor to the report. */
let product: Product;
let fake: TelegramFake;
let browser: Browser;
let owner: Watched;
let desk: Desk;
let page: Page;
let mailings: Mailings;
let nina: Awaited<ReturnType<Mailings['come']>>;
let pyotr: typeof nina;

beforeAll(async () => {
  fake = await TelegramFake.start();
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const control = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, control.bot.token, 'polling');
  mailings = new Mailings(product, control);
  nina = await mailings.come(501, 'Нина', 'nina_fern', ['опт']);
  pyotr = await mailings.come(502, 'Пётр', 'pyotr_fern', ['опт']);
  await mailings.come(503, 'Вера', 'vera_fern', []);
  await product.api.project('POST', '/fields', { key: 'orders', title: 'Заказов', kind: 'number' });
  owner = await newPerson(browser, { width: 1440, height: 900 });
  page = owner.page;
  desk = new Desk(page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  fake?.stop();
  expect(owner?.faults).toEqual([]);
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const open = (id: string, step = '') =>
  desk.goto(`/projects/${product.made.project_id}/mailings/${id}${step}`);
const saved = () => page.locator('[data-testid=save-mark][data-state=saved]').waitFor();

test('what the list of clients is narrowed to becomes a segment', async () => {
  await desk.goto('/clients?tag=опт');
  await button(ru.segment_save).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByTestId('segment-text').getByText('опт').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByLabel(ru.segment_name).fill('Оптовики');
  await dialog.getByRole('button', { name: ru.save, exact: true }).click();
  await desk.dialogsGone();
  await button(ru.segment_save).click();
  await dialog.getByLabel(ru.segment_name).fill('оптовики');
  await dialog.getByRole('button', { name: ru.save, exact: true }).click();
  await dialog.getByText(ru.problem_segment_name_taken).waitFor();
  await dialog.getByRole('button', { name: ru.cancel, exact: true }).click();
  // Words that are sought are no condition.
  await desk.goto('/clients?q=Нина');
  await page.getByRole('searchbox').first().waitFor();
  expect(await button(ru.segment_save).count()).toBe(0);
});

let id = '';

test('a mailing means it by its name; it is renamed, and kept while it is meant', async () => {
  ({ id } = await mailings.make('Зимний свет'));
  await open(id);
  const audience = page.getByTestId('audience');
  await audience.getByRole('button', { name: ru.mailing_condition_add, exact: true }).click();
  await page.getByRole('menuitem', { name: ru.mailing_leaf_segment, exact: true }).click();
  await page.getByRole('combobox', { name: ru.mailing_leaf_segment }).selectOption('Оптовики');
  await until('two people', async () =>
    (await page.getByTestId('audience-count').textContent())?.includes('из 2 человек'),
  );
  await saved();
  await button(ru.segments).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Удалить «Оптовики»' }).click();
  await dialog.getByText('Нельзя удалить: сегмент используют Зимний свет').waitFor();
  await dialog.getByRole('button', { name: 'Изменить «Оптовики»' }).click();
  const naming = page.getByRole('dialog').last();
  await naming.getByLabel(ru.segment_name).fill('Опт');
  // Its conditions are changed in the same place.
  await naming.getByRole('button', { name: ru.mailing_condition_add, exact: true }).click();
  await page.getByRole('menuitem', { name: ru.mailing_leaf_channel, exact: true }).click();
  await naming.getByRole('button', { name: ru.save, exact: true }).click();
  await dialog.getByTestId('segments').getByText('Опт', { exact: true }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: ru.close, exact: true }).last().click();
  await desk.dialogsGone();
});

test('a goal and counted links are chosen in the editor', async () => {
  await open(id, '?step=what');
  const aim = page.getByTestId('mailing-aim');
  await aim.getByRole('combobox', { name: ru.mailing_goal, exact: true }).selectOption('field');
  await aim.getByRole('combobox', { name: ru.mailing_leaf_field }).selectOption('Заказов');
  await aim.getByRole('combobox', { name: ru.aa_comparison }).selectOption('at_least');
  await aim.getByRole('spinbutton', { name: ru.aa_value }).fill('5');
  await aim.getByRole('switch', { name: ru.mailing_count_clicks }).click();
  await page
    .getByRole('textbox', { name: ru.mailing_text })
    .first()
    .fill('Лампы: https://shop.example/lamps');
  await saved();
  await aim.scrollIntoViewIfNeeded();
  await shot(page, 'mailing-aim');
  expect(await axeFindings(page)).toEqual([]);
  const { document } = await mailings.read(id);
  expect(document).toMatchObject({
    goal: { field: 'orders', op: 'at_least', value: '5', within_days: 7 },
    count_clicks: true,
  });
});

test('the report says who opened a link and who reached the goal', async () => {
  await mailings.start(id);
  await mailings.is(id, 'done');
  const said = mailings.saidTo(nina).at(-1) ?? '';
  const link = /https?:\/\/\S+\/l\/\w\S+/.exec(said)?.[0];
  expect(link, said).toBeDefined();
  const asked = await fetch(link!.replace(/^https?:\/\/[^/]+/, product.origin), {
    redirect: 'manual',
    headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0' },
  });
  expect([asked.status, asked.headers.get('location')]).toEqual([302, 'https://shop.example/lamps']);
  await product.api.project('PATCH', `/contacts/${pyotr.contact}`, { fields: { orders: '7' } });
  await until('the goal', async () => (await mailings.read(id)).counts.goal === 1);
  await open(id);
  const result = page.getByTestId('result');
  await result.getByText(ru.mailing_rec_goal).waitFor();
  await page.getByTestId('mailing-links').getByText('https://shop.example/lamps').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await shot(page, 'mailing-aims', { fullPage: true });
  await page.getByTestId('mailing-links').getByRole('button').click();
  const people = page.getByRole('dialog').getByTestId('mailing-recipients').getByRole('listitem');
  await people.filter({ hasText: 'Нина' }).waitFor();
  expect(await people.count()).toBe(1);
  await page.keyboard.press('Escape');
  await desk.dialogsGone();
  await result.getByRole('button', { name: new RegExp(ru.mailing_rec_goal) }).click();
  await people.filter({ hasText: 'Пётр' }).waitFor();
  expect(await people.count()).toBe(1);
});
