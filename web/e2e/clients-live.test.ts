import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';

let product: Product;
let browser: Browser;
let operator: Watched;
let desk: Desk;

const MANY = 70;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  await product.api.addPhoneRule();
  const changes = Array.from({ length: MANY }, (_, place) => ({
    op: 'create',
    external_id: `client-${place}`,
    fields: { name: `Клиент ${place}` },
  }));
  await product.api.project('POST', '/changes', { changes });
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(operator?.faults).toEqual([]);
});

const page = () => desk.page;
const rows = () => page().locator('tbody tr');
const named = (name: string) => rows().filter({ hasText: name });
const create = (name: string, fields: Record<string, string> = {}) =>
  product.api.project<{ id: string }>('POST', '/contacts', {
    channel: 'api',
    external_id: crypto.randomUUID(),
    fields: { name, ...fields },
  });
const change = (id: string, fields: Record<string, string | null>) =>
  product.api.project('PATCH', `/contacts/${id}`, { fields });
const rowCount = (count: number) => until(`${count} rows`, async () => (await rows().count()) === count);
const hasFocus = (target: Locator) => target.evaluate((element) => element === document.activeElement);

test('a client comes, changes and goes without a reload', async () => {
  await desk.goto('/clients');
  await named('Клиент').first().waitFor();
  const { id } = await create('Вера');
  await named('Вера').waitFor();
  await change(id, { name: 'Вера Лосева', email: 'vera@fern.example' });
  await named('Вера Лосева').getByText('vera@fern.example').waitFor();
  await product.api.project('DELETE', `/contacts/${id}`);
  await named('Вера').waitFor({ state: 'detached' });
});

test('the filter, the loaded pages, the scroll and the keyboard stay where they were', async () => {
  await desk.goto('/clients?q=клиент');
  await rowCount(50);
  await page().getByRole('button', { name: ru.clients_more }).click();
  await rowCount(MANY);
  const last = rows().last().locator('td:first-child > a');
  await last.focus();
  const scroller = page().locator('.page');
  const scrolled = () => scroller.evaluate((element) => element.scrollTop);
  const [before, name] = [await scrolled(), await last.innerText()];
  expect(before).toBeGreaterThan(0);
  const { id } = await create('Клиент новый');
  await rowCount(MANY + 1);
  await create('Посторонний');
  await change(id, { name: 'Клиент новейший' });
  await named('Клиент новейший').waitFor();
  expect(await named('Посторонний').count()).toBe(0);
  expect(new URL(page().url()).searchParams.get('q')).toBe('клиент');
  expect(await hasFocus(rows().filter({ hasText: name }).locator('td:first-child > a').last())).toBe(true);
  // A row came in above; what one looked at has not moved.
  expect(await scrolled()).toBeGreaterThanOrEqual(before);
  await product.api.project('DELETE', `/contacts/${id}`);
});

test('a row that moves keeps the keyboard', async () => {
  await desk.goto('/clients?q=клиент 1');
  await named('Клиент 13').waitFor();
  const button = named('Клиент 13').locator('td:first-child > a');
  await button.focus();
  expect(await rows().first().innerText()).not.toContain('Клиент 13');
  const seenAgain = { channel: 'api', external_id: 'client-13', fields: { email: 'odin@fern.example' } };
  await product.api.project('POST', '/contacts', seenAgain);
  await rows().first().getByText('Клиент 13').waitFor();
  expect(await hasFocus(button)).toBe(true);
});

test('people join and part in the list of people', async () => {
  const [one, two] = [
    await create('Ольга', { phone: '+7 912 555-01-01' }),
    await create('Ольга', { email: 'o@fern.example' }),
  ];
  await desk.goto('/clients?view=groups');
  await page().getByText(ru.clients_groups_empty, { exact: true }).waitFor();
  await change(two.id, { phone: '8 912 555-01-01' });
  const group = page().getByTestId('group');
  await group.getByText('Ольга').waitFor();
  await change(one.id, { phone: null });
  await group.waitFor({ state: 'detached' });
});
