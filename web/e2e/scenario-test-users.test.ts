import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { ScenarioEditor } from './support/editor';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let desk: Desk;
let scenario: string;
const people: Watched[] = [];
const visitors: Widget[] = [];

/** Published with one answer, and changed since. */
const documentWith = (text: string) => ({
  schema: 1,
  launch: [{ kind: 'keyword', words: ['проба'], to: 'b1' }],
  blocks: [{ id: 'b1', type: 'message', pos: [0, 0], settings: { text } }],
  edges: [],
});

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  const body = { name: 'Проба', document: documentWith('Отвечает опубликованный') };
  scenario = (await product.api.project<{ id: string }>('POST', '/scenarios', body)).id;
  await product.api.project('POST', `/scenarios/${scenario}/publish`, { revision: 1 });
  const document = { ...documentWith('Отвечает черновик'), name: 'Проба' };
  await product.api.project('PUT', `/scenarios/${scenario}/draft`, { revision: 1, document });
  const unpublished = { ...documentWith('Отвечает неопубликованный'), name: 'Новый' };
  unpublished.launch[0]!.words = ['новинка'];
  await product.api.project('POST', '/scenarios', { name: 'Новый', document: unpublished });
  const owner = await newPerson(browser);
  people.push(owner);
  desk = new Desk(owner.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

const page = () => desk.page;
const drawer = (of: Page = page()) => of.getByTestId('test-users');
const rows = () => drawer().locator('[data-test-user]');
const switches = () => drawer().getByRole('switch');
const counter = (count: number) =>
  drawer().getByText(ru.tus_count.replace('{count}', String(count)).replace('{most}', '3'));

/** A visitor of the site who writes. */
async function writes(text: string): Promise<Widget> {
  const person = await newPerson(browser);
  people.push(person);
  const widget = new Widget(person.page);
  await person.page.goto(host.url);
  await widget.open();
  await widget.say(text);
  visitors.push(widget);
  return widget;
}

async function chosen(): Promise<number> {
  const { items } = await product.api.project<{ items: { is_test: boolean }[] }>('GET', '/test-users');
  return items.filter(({ is_test }) => is_test).length;
}

test('whoever writes appears in the list, is chosen by keys, and is answered by the draft', async () => {
  await desk.settings(product.made.project_id, 'scenarios');
  await page().getByRole('button', { name: ru.tus_title }).click();
  await drawer().getByText(ru.tus_none).waitFor();
  await drawer().getByText(ru.tus_how).waitFor();

  const widget = await writes('Здравствуйте');
  // Without a reload.
  await rows().first().waitFor();
  await rows().getByText('Сайт', { exact: false }).waitFor();
  await switches().first().focus();
  await page().keyboard.press('Space');
  await counter(1).waitFor();
  await until('the server has it', async () => (await chosen()) === 1);

  await widget.say('Проба');
  await widget.bubble('Отвечает черновик').waitFor();
  await widget.say('Новинка');
  await widget.bubble('Отвечает неопубликованный').waitFor();
});

test('without Premium a test user is answered and a client is not; with it again at once', async () => {
  const premium = (isOn: boolean) => product.api.call('PATCH', '/licence', { premium: isOn });
  const client = await writes('Есть кто?');
  const [tester] = visitors;
  await premium(false);
  await tester!.say('проба?');
  await expect.poll(() => tester!.bubble('Отвечает черновик').count()).toBe(2);
  // Whoever comes does not push the chosen from under the pointer.
  await expect.poll(() => rows().count()).toBe(2);
  expect(await switches().first().getAttribute('aria-checked')).toBe('true');
  await client.say('ПРОБА');
  const said = await product.api.conversationWith('ПРОБА');
  await until('the refusal is told', async () =>
    JSON.stringify(await product.api.messages(said.id)).includes('scenario.refused'),
  );
  expect(await client.bubble('Отвечает опубликованный').count()).toBe(0);
  await premium(true);
  await client.say('Проба!');
  await client.bubble('Отвечает опубликованный').waitFor();
});

test('whoever is let go is answered as every client is', async () => {
  await switches().first().click();
  await counter(0).waitFor();
  await until('the server has it', async () => (await chosen()) === 0);
  const [widget] = visitors;
  await widget!.say('Проба!');
  await widget!.bubble('Отвечает опубликованный').waitFor();
});

test('three are chosen, the fourth is refused in words, and the choice is there after a reload', async () => {
  for (const name of ['третий', 'четвёртый']) await writes(name);
  await expect.poll(() => rows().count()).toBe(4);
  for (const at of [0, 1, 2]) await switches().nth(at).click();
  await counter(3).waitFor();
  await switches().nth(3).click();
  await drawer().getByRole('alert').getByText(ru.tus_full).waitFor();
  expect(await switches().nth(3).getAttribute('aria-checked')).toBe('false');
  await until('the server has three', async () => (await chosen()) === 3);
  await page().reload();
  await counter(3).waitFor();
  // The chosen come first.
  expect(await switches().evaluateAll((all) => all.map((one) => one.getAttribute('aria-checked')))).toEqual([
    'true',
    'true',
    'true',
    'false',
  ]);
});

test('all are let go at once, and that can be undone', async () => {
  await drawer().getByRole('button', { name: ru.tus_reset }).click();
  await counter(0).waitFor();
  await until('the server has none', async () => (await chosen()) === 0);
  await page().getByRole('button', { name: ru.undo }).click();
  await counter(3).waitFor();
  await until('the server has three', async () => (await chosen()) === 3);
  await page().keyboard.press('Escape');
  await drawer().waitFor({ state: 'detached' });
  expect(new URL(page().url()).hash).toBe('');
});

test('a choice that could not be sent is as it was before, and that is said', async () => {
  await page().getByRole('button', { name: ru.tus_title }).click();
  await switches().nth(0).click();
  await counter(2).waitFor();
  await until('the server has two', async () => (await chosen()) === 2);
  await page().route('**/test-users', (route) =>
    route.request().method() === 'PUT' ? route.abort() : route.continue(),
  );
  await switches().nth(0).click();
  await page().locator('[data-sonner-toast]').first().waitFor();
  await counter(2).waitFor();
  await page().unroute('**/test-users');
  await page().keyboard.press('Escape');
});

test('the licence and the test run of the editor lead there', async () => {
  await desk.settings(product.made.project_id, 'licence');
  await page().getByRole('link', { name: ru.lic_test_users_link }).click();
  await counter(2).waitFor();
  const editor = new ScenarioEditor(page(), product.origin, product.made.project_id);
  await editor.open(scenario);
  await page().keyboard.press('Control+Enter');
  await editor.testPanel.getByRole('button', { name: ru.tus_try_with }).click();
  await counter(2).waitFor();
  await page().keyboard.press('Escape');
  await drawer().waitFor({ state: 'detached' });
  await editor.testPanel.waitFor();
});

describe.each([
  { look: 'light, wide, Russian', width: 1280, dark: false, locale: 'ru' },
  { look: 'dark, wide, English', width: 1280, dark: true, locale: 'en' },
  { look: 'light, phone, Russian', width: 390, dark: false, locale: 'ru' },
  { look: 'dark, phone, English', width: 390, dark: true, locale: 'en' },
])('$look', ({ width, dark, locale }) => {
  test('the list has no serious problem of access', async () => {
    const words = locale === 'ru' ? ru : en;
    const person = await newPerson(browser, {
      width,
      height: 800,
      dark,
      locale: locale === 'ru' ? 'ru-RU' : 'en-GB',
    });
    people.push(person);
    const looker = new Desk(person.page, product.origin);
    await looker.signIn();
    await looker.changeMe({ locale });
    await looker.settings(product.made.project_id, 'scenarios');
    const picture = async (name: string) => {
      await shot(person.page, `${name}-${locale}-${width}`);
    };
    await person.page.getByRole('button', { name: words.tus_title }).waitFor();
    expect(await person.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await picture('scenarios');
    await person.page.getByRole('button', { name: words.tus_title }).click();
    await drawer(person.page).getByRole('switch').first().waitFor();
    expect(await axeFindings(person.page)).toEqual([]);
    await picture('test-users');
    await person.context.close();
  });
});
