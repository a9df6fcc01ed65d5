import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { OtherSide } from './support/own-channel';
import { Product } from './support/product';
import { until } from './support/wait';

let product: Product;
let side: OtherSide;
let browser: Browser;
let admin: Watched;
let operator: Watched;

beforeAll(async () => {
  [product, side, browser] = await Promise.all([Product.start(), OtherSide.start(), launchBrowser()]);
  [admin, operator] = [await newPerson(browser), await newPerson(browser)];
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await side?.stop();
  expect([...(admin?.faults ?? []), ...(operator?.faults ?? [])]).toEqual([]);
});

const buyer = { external_id: 'buyer-5', name: 'Степан' };
const item = { title: 'Торшер «Сосна»', price: 4500, url: 'https://youla.example/p1' };

test('Юла from the logo on the project’s page to an answered message', async () => {
  const { page } = admin;
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.goto('/sites');
  await page.getByRole('link', { name: 'Лавка' }).click();
  await page.locator('[data-testid=channel-logo][data-kind=youla]').click();

  const dialog = page.getByRole('dialog');
  await dialog.getByText(ru.bridge_unverified).waitFor();
  await dialog.getByText(ru.youla_unverified_text).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByLabel(ru.bridge_url).fill(side.url);
  await dialog.getByLabel(ru.youla_account).fill('   ');
  await dialog.getByRole('button', { name: ru.bridge_connect }).click();
  await dialog.locator('.error').filter({ hasText: ru.youla_account_missing }).waitFor();
  await dialog.getByLabel(ru.youla_account).fill('Тихий свет');
  await dialog.getByRole('button', { name: ru.bridge_connect }).click();
  await dialog.getByTestId('handover').waitFor();
  const shown = (label: string) => dialog.getByLabel(label).innerText();
  await side.set({ hook: await shown(ru.bridge_hook), secret: await shown(ru.bridge_secret) });
  await dialog.getByRole('button', { name: ru.done }).click();
  await page.locator('[data-testid=channel-tile][data-kind=youla]').getByText(ru.channel_active).waitFor();

  await desk.settings(product.made.project_id, 'channels');
  const card = page.getByTestId('connection').filter({ hasText: 'Тихий свет' });
  await card.getByText(ru.bridge_unverified).waitFor();
  await card.getByText(side.url).waitFor();
  await card.getByRole('button', { name: ru.channel_check }).click();
  await until('the check', async () => (await side.calls('connection.check')).length === 1);

  const answering = new Desk(operator.page, product.origin);
  await answering.signIn();
  const message = { external_id: 'm1', text: 'Ещё продаёте?' };
  expect(await side.say('message.created', { sender: buyer, message, item })).toEqual({ status: 200 });
  await answering.newFolder.click();
  const row = operator.page.getByTestId('conversation-row').filter({ hasText: 'Степан' });
  await row.waitFor();
  await row.getByLabel(ru.channel_youla).waitFor();
  await row.click();
  await answering.bubble('Ещё продаёте?').getByText('Объявление: Торшер «Сосна» · 4500').waitFor();
  await answering.say('Да, приезжайте');
  const [call] = await until('the answer on the other side', async () => {
    const found = await side.messages('Да, приезжайте');
    return found.length > 0 && found;
  });
  expect(call).toMatchObject({ is_repeat: false, data: { recipient: { external_id: 'buyer-5' } } });
  for (const status of ['delivered', 'read'] as const) {
    await side.say('delivery.updated', { message_id: call!.data.message_id, status });
    await answering.bubble('Да, приезжайте').locator(`[data-delivery=${status}]`).waitFor();
  }
  expect(await axeFindings(operator.page)).toEqual([]);
});

test('switched off it takes nothing, and the other side hears so', async () => {
  const desk = new Desk(admin.page, product.origin);
  await desk.settings(product.made.project_id, 'channels');
  const card = admin.page.getByTestId('connection').filter({ hasText: 'Тихий свет' });
  await card.getByRole('switch').click();
  await card.getByText(ru.channel_off, { exact: true }).waitFor();
  const message = { external_id: 'm2', text: 'Ау?' };
  expect(await side.say('message.created', { sender: buyer, message })).toMatchObject({
    status: 503,
    code: 'connection_off',
  });
  await card.getByRole('button', { name: ru.delete }).click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByTestId('typed-name').fill(await card.locator('h2').innerText());
  await dialog.getByRole('button', { name: ru.delete }).click();
  await card.waitFor({ state: 'detached' });
});
