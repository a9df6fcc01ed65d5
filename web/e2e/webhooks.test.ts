import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { LOOKS } from './support/looks';
import { OtherSide } from './support/own-channel';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

/** Signatures are judged by `standardwebhooks`, the library of the standard: the other side takes nothing that it does not believe. */
let product: Product;
let side: OtherSide;
let browser: Browser;
let admin: Watched;
let desk: Desk;
let host: HostPage;
let widget: Widget;

beforeAll(async () => {
  [product, side, browser] = await Promise.all([Product.start(), OtherSide.start(), launchBrowser()]);
  admin = await newPerson(browser);
  desk = new Desk(admin.page, product.origin);
  await desk.signIn();
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  const visitor = await newPerson(browser);
  await visitor.page.goto(host.url);
  widget = new Widget(visitor.page);
  await widget.open();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await side?.stop();
  host?.stop();
  expect(admin?.faults.filter((fault) => !fault.includes('422'))).toEqual([]);
});

const dialog = () => desk.page.getByRole('dialog');
const card = () => desk.page.getByTestId('webhook');

/** What the library believed of our calls. */
const told = async (type: string) => (await side.calls(type)).length;

test('is made in the browser: what is wrong stands at its field, the secret is shown once', async () => {
  await desk.settings(product.made.project_id, 'webhooks');
  await desk.page.getByText(ru.hook_empty).waitFor();
  await desk.page.getByRole('button', { name: ru.hook_new }).click();
  await dialog().getByLabel(ru.hook_title).fill('CRM');
  await dialog().getByLabel(ru.hook_url).fill('http://10.0.0.5/in');
  await dialog().getByRole('button', { name: ru.save }).click();
  await dialog().locator('.error').waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
  await dialog().getByLabel(ru.hook_url).fill(side.url);
  await dialog().getByRole('checkbox', { name: ru.hook_kind_conversation_created }).check();
  await dialog().getByRole('button', { name: ru.save }).click();
  const box = dialog().getByLabel(ru.hook_secret, { exact: true }).last();
  await until('the secret', async () => (await box.innerText()).startsWith('whsec_'));
  await side.set({ secret: await box.innerText() });
  await dialog().getByRole('button', { name: ru.done }).click();
  await card().getByText(side.url).waitFor();
});

test('a test is taken, and what a visitor says is told with a signature that the library believes', async () => {
  await card().getByRole('button', { name: ru.hook_test, exact: true }).click();
  await card().getByRole('status').filter({ hasText: 'HTTP 200' }).waitFor();
  expect(await told('webhook.test')).toBe(1);
  await widget.say('Есть лампы?');
  await until(
    'both events',
    async () => (await told('message.created')) === 1 && (await told('conversation.created')) === 1,
  );
  const [call] = await side.calls('message.created');
  expect(call?.data).toMatchObject({ content: { text: 'Есть лампы?' } });
});

test('what was not taken waits in the log, is tried again, and is sent again by hand', async () => {
  await side.set({ answer: 500 });
  await widget.say('А торшеры?');
  await card().getByRole('button', { name: ru.hook_log }).click();
  const reload = dialog().getByRole('button', { name: ru.hook_log_reload });
  const waiting = dialog().getByTestId('webhook-message').filter({ hasText: 'HTTP 500' });
  await until('the try that failed', async () => {
    await reload.click();
    return (await waiting.count()) > 0;
  });
  expect(await axeFindings(desk.page)).toEqual([]);
  const before = await told('message.created');
  await side.set({ answer: 200 });
  // The second try comes five seconds later by itself.
  await until('it to be told', async () => (await told('message.created')) > before, 20_000);
  const taken = dialog().getByTestId('webhook-message').filter({ hasText: ru.hook_state_delivered });
  await until('it to be taken', async () => {
    await reload.click();
    return (await taken.count()) >= 3;
  });
  await taken.first().getByRole('button', { name: ru.hook_replay }).click();
  await until('a repeat under its own id', async () =>
    [...(await side.calls('message.created')), ...(await side.calls('conversation.created'))].some(
      (call) => call.is_repeat,
    ),
  );
  await desk.page.keyboard.press('Escape');
  await desk.dialogsGone();
});

test('a new secret is given while the old one still signs', async () => {
  await card()
    .getByRole('button', { name: ru.hook_rotate.replace('{name}', 'CRM') })
    .click();
  await dialog().getByRole('textbox').fill('CRM');
  await dialog().getByRole('button', { name: ru.hook_rotate_action }).click();
  const box = dialog().getByLabel(ru.hook_secret, { exact: true }).last();
  await until('the secret', async () => (await box.innerText()).startsWith('whsec_'));
  const secret = await box.innerText();
  await dialog().getByRole('button', { name: ru.done }).click();
  const test = card().getByRole('button', { name: ru.hook_test, exact: true });
  const before = await told('webhook.test');
  await test.click();
  await until('the old secret to do', async () => (await told('webhook.test')) === before + 1);
  await side.set({ secret });
  await test.click();
  await until('the new one to do', async () => (await told('webhook.test')) === before + 2);
});

test.each(LOOKS)('looks right: $locale, dark $dark, $width', async ({ locale, dark, width }) => {
  const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
  const { page, context, faults } = await newPerson(browser, {
    dark,
    width,
    height: width < 900 ? 844 : 900,
  });
  const own = new Desk(page, product.origin);
  await own.signIn();
  await own.changeMe({ locale });
  await own.settings(product.made.project_id, 'webhooks');
  await page.getByTestId('webhook').waitFor();
  const picture = async (name: string) => {
    expect(await axeFindings(page)).toEqual([]);
    await until('nothing to scroll sideways', () =>
      page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    );
    await shot(page, `webhooks-${name}-${lookName({ locale, dark, width })}`);
  };
  await picture('page');
  await page.getByRole('button', { name: words.hook_log }).click();
  await page.getByTestId('webhook-message').first().waitFor();
  await picture('log');
  await page.keyboard.press('Escape');
  await own.dialogsGone();
  await page.getByRole('button', { name: words.hook_new }).click();
  await page.getByRole('dialog').getByLabel(words.hook_url).waitFor();
  await picture('new');
  await page.keyboard.press('Escape');
  await own.dialogsGone();
  await own.changeMe({ locale: 'ru' });
  expect(faults).toEqual([]);
  await context.close();
});

test('is switched off and deleted', async () => {
  await desk.settings(product.made.project_id, 'webhooks');
  await card().getByRole('switch').click();
  await desk.page.getByText(ru.hook_turned_off.replace('{name}', 'CRM')).waitFor();
  const before = await told('message.created');
  await widget.say('Никто не слышит');
  await card()
    .getByRole('button', { name: ru.hook_delete.replace('{name}', 'CRM') })
    .click();
  await dialog().getByRole('textbox').fill('CRM');
  await dialog().getByRole('button', { name: ru.delete }).click();
  await desk.page.getByText(ru.hook_empty).waitFor();
  expect(await told('message.created')).toBe(before);
});
