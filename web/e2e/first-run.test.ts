import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { OWNER, Product } from './support/product';
import { until } from './support/wait';

/** A path as long as this is what the first run may cost (issue 17). */
const CLICKS_AT_MOST = 6;

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

/** How a person presses things: a mouse counts clicks, a keyboard walks to what it presses. */
interface Hand {
  press: (target: Locator) => Promise<void>;
}

function mouse(): Hand & { clicks: number } {
  const hand = {
    clicks: 0,
    press: async (target: Locator) => {
      hand.clicks += 1;
      await target.click();
    },
  };
  return hand;
}

const MOST_TABS = 80;

/** Tab until the thing has the focus, then Enter. */
const keyboard: Hand = {
  press: async (target) => {
    await target.waitFor();
    const page = target.page();
    for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        await page.keyboard.press('Enter');
        return;
      }
      await page.keyboard.press('Tab');
    }
    throw new Error(`no way by Tab to ${target.toString()}`);
  },
};

const step = (page: Page, name: string) => page.locator(`[data-step=${name}]`);
const isTicked = (page: Page, name: string) =>
  until(`the tick of ${name}`, async () => (await step(page, name).getAttribute('data-done')) === 'true');

/** From an empty data folder to the first answered message. */
async function firstRun(hand: Hand): Promise<{ product: Product; owner: Watched }> {
  const product = await Product.start();
  const owner = await newPerson(browser);
  const { page, context } = owner;
  const desk = new Desk(page, product.origin);
  await desk.goto('/');
  await page.locator('input[type=email]').fill(OWNER.email);
  await page.locator('input[autocomplete=current-password]').fill(OWNER.password);
  await hand.press(page.locator('button[type=submit]'));
  await hand.press(
    page.getByRole('link', { name: ru.steps_go_on.replace('{done}', '0').replace('{all}', '6') }),
  );
  await page.getByTestId('first-steps').waitFor();
  const [chat] = await Promise.all([
    context.waitForEvent('page'),
    hand.press(step(page, 'written').getByRole('link', { name: ru.step_written_go })),
  ]);
  const line = chat.locator('textarea').first();
  await line.fill('Здравствуйте, есть торшеры?');
  await line.press('Enter');
  await isTicked(page, 'written');
  await step(page, 'answered').locator('a[href*=cnv_]').waitFor();
  await page.bringToFront();
  await hand.press(step(page, 'answered').getByRole('link', { name: ru.step_answered_go }));
  await desk.composer.fill('Здравствуйте! Есть.');
  await desk.composer.press('Enter');
  await chat.getByText('Здравствуйте! Есть.').first().waitFor();
  await desk.goto(`/projects/${product.api.projectId}/settings/overview`);
  await isTicked(page, 'answered');
  await chat.close();
  return { product, owner };
}

test('from an empty folder to the first answered message in a few clicks', async () => {
  const hand = mouse();
  const { product, owner } = await firstRun(hand);
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS_AT_MOST);
  expect(await axeFindings(owner.page)).toEqual([]);
  // The list can be hidden, and comes back.
  const card = owner.page.getByTestId('first-steps');
  await owner.page.getByRole('button', { name: ru.steps_hide }).click();
  await card.waitFor({ state: 'detached' });
  await owner.page.reload();
  await owner.page.getByRole('button', { name: ru.steps_title }).click();
  await card.waitFor();
  await owner.context.close();
  expect(owner.faults).toEqual([]);
  await product.stop();
});

test('the same with a keyboard alone', async () => {
  const { product, owner } = await firstRun(keyboard);
  await owner.context.close();
  expect(owner.faults).toEqual([]);
  await product.stop();
});

/** A company's page that can be changed. */
async function companySite(): Promise<{ server: Server; url: string; html: string; policy: string }> {
  const site = { server: createServer(), url: '', html: '', policy: '' };
  site.server.on('request', (_request, answer) => {
    if (site.policy) answer.setHeader('Content-Security-Policy', site.policy);
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    answer.end(site.html);
  });
  await new Promise<void>((resolve) => site.server.listen(0, '127.0.0.1', resolve));
  site.url = `http://127.0.0.1:${(site.server.address() as AddressInfo).port}`;
  return site;
}

test('a wrong install code names its cause, an invitation is handled whole, and help is at hand', async () => {
  const [product, site] = await Promise.all([Product.start(), companySite()]);
  const owner = await newPerson(browser);
  const { page } = owner;
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.settings(product.api.projectId, 'overview');
  await step(page, 'installed').getByRole('button', { name: ru.step_installed }).click();
  const check = page.getByTestId('install-check');
  const cause = page.getByTestId('install-cause');
  const code = (key: string) => `<script async src="${product.origin}/w.js?p=${key}"></script>`;
  const faults: [string, string, string][] = [
    ['<h1>Лавка</h1>', '', ru.check_no_code],
    [code('another'), '', ru.check_wrong_key],
    [code(product.made.site_key), "default-src 'self'", ru.check_blocked],
  ];
  await check.getByLabel(ru.check_page).fill(site.url);
  for (const [html, policy, words] of faults) {
    Object.assign(site, { html, policy });
    await check.getByRole('button', { name: ru.channel_check }).click();
    await cause.getByText(words, { exact: true }).waitFor();
  }
  await check.getByText('connect-src', { exact: false }).last().waitFor();
  expect(await axeFindings(page)).toEqual([]);
  // What is inside our own network is not called.
  await check.getByLabel(ru.check_page).fill('http://10.0.0.1/');
  await check.getByRole('button', { name: ru.channel_check }).click();
  await cause.getByText(ru.check_private, { exact: true }).waitFor();
  Object.assign(site, { html: code(product.made.site_key), policy: '' });
  await check.getByLabel(ru.check_page).fill(site.url);
  await check.getByRole('button', { name: ru.channel_check }).click();
  await isTicked(page, 'installed');

  await desk.settings(product.api.projectId, 'team');
  await page.getByRole('button', { name: ru.team_invite }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(ru.team_name).fill('Борис');
  await dialog.getByLabel(ru.team_email).fill('boris@fern.example');
  await dialog.getByRole('button', { name: ru.team_invite }).click();
  const link = () => dialog.locator('pre').innerText();
  await dialog.locator('pre').waitFor();
  const first = await link();
  expect(first.startsWith(`${product.origin}/invite/`)).toBe(true);
  await page.keyboard.press('Escape');
  const row = page.locator('tbody tr').filter({ hasText: 'Борис' });
  await row.getByText(ru.invitation_pending).waitFor();
  await row.getByRole('button', { name: 'Борис' }).click();
  await dialog.locator('pre').waitFor();
  expect(await link()).toBe(first);
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: ru.invitation_renew }).click();
  await dialog.getByText(ru.invitation_renewed).waitFor();
  expect(await link()).not.toBe(first);
  await dialog.getByRole('button', { name: ru.invitation_withdraw }).click();
  await page.getByTestId('typed-name').fill('Борис');
  await dialog.getByRole('button', { name: ru.invitation_withdraw }).click();
  await row.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: ru.help_about.replace('{title}', ru.set_team) }).click();
  await page.getByTestId('help').getByRole('listitem').first().waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await owner.context.close();
  expect(owner.faults).toEqual([]);
  await product.stop();
  site.server.close();
});
