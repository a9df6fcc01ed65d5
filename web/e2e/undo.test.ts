import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';

let product: Product;
let browser: Browser;
let operator: Watched;
let desk: Desk;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
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
const undo = (text: string) =>
  page()
    .locator('[data-sonner-toast]')
    .filter({ hasText: text })
    .getByRole('button', { name: ru.undo })
    .click();
const list = <T>(path: string) => product.api.call<{ items: T[] }>('GET', path).then(({ items }) => items);
const open = (section: string) => desk.settings(product.made.project_id, section);

test('a channel that was switched off is switched on again', async () => {
  const status = async () =>
    (await list<{ kind: string; status: string }>(`/projects/${product.made.project_id}/connections`)).find(
      ({ kind }) => kind === 'site',
    )?.status;
  await open('channels');
  await page().getByTestId('connection').first().getByRole('switch').click();
  await until('the channel to be off', async () => (await status()) === 'off');
  await undo(ru.channel_stopped.replace('{name}', 'Сайт'));
  await until('the channel to be on', async () => (await status()) === 'active');
});

test('a colleague gets the access and the role back', async () => {
  const body = {
    email: 'oleg@fern.example',
    name: 'Олег',
    role: 'admin',
    project_ids: [product.made.project_id],
  };
  await open('team');
  await page().evaluate(async (text) => {
    const { csrf } = (await (await fetch('/api/v1/me')).json()) as { csrf: string };
    const headers = { 'Content-Type': 'application/json', 'X-Otklik-CSRF': csrf };
    await fetch('/api/v1/users', { method: 'POST', headers, body: text });
  }, JSON.stringify(body));
  await open('team');
  const oleg = page().getByRole('row').filter({ hasText: 'Олег' });
  const switchOf = oleg.getByRole('switch');
  const role = oleg.getByRole('combobox');
  expect(await switchOf.getAttribute('aria-checked')).toBe('true');
  await switchOf.click();
  await undo(ru.team_off_done.replace('{name}', 'Олег'));
  await until('the access', async () => (await switchOf.getAttribute('aria-checked')) === 'true');
  await role.selectOption('operator');
  await undo(ru.team_role_done.replace('{name}', 'Олег').replace('{role}', ru.role_operator));
  await until('the role', async () => (await role.inputValue()) === 'admin');
});

test('an address that was removed is allowed again', async () => {
  const path = `/projects/${product.made.project_id}`;
  const kept = async () =>
    (await product.api.call<{ allowed_origins: string[] }>('GET', path)).allowed_origins.join();
  await open('install');
  const origins = page().getByLabel(ru.install_origins);
  const save = page().getByRole('button', { name: ru.save, exact: true });
  await origins.fill('https://shop.example');
  await save.click();
  await until('the address', async () => (await kept()) === 'https://shop.example');
  await page().reload();
  await origins.fill('');
  await save.click();
  await until('no address', async () => (await kept()) === '');
  await undo(ru.saved);
  await until('the address again', async () => (await kept()) === 'https://shop.example');
  await until('it in the field', async () => (await origins.inputValue()) === 'https://shop.example');
});
