import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let browser: Browser;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  // A channel that has stopped working, and a colleague who has not come yet.
  const fake = await TelegramFake.start();
  const control = new Control(fake, fake.newBot());
  const made = await product.api.connectTelegram(fake.url, control.bot.token, 'webhook');
  fake.stop();
  await product.api.raw('POST', `/projects/${product.api.projectId}/connections/${made.id}/check`);
  await product.api.call('POST', '/users', {
    email: 'boris@fern.example',
    name: 'Борис',
    role: 'operator',
    project_ids: [product.api.projectId],
  });
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

test.each(LOOKS)('home, help and an invitation: $locale, dark $dark, $width', async (look) => {
  const { locale, dark, width } = look;
  const words = locale === 'ru' ? ru : (en as unknown as typeof ru);
  const { page, context, faults } = await newPerson(browser, {
    dark,
    width,
    height: width < 900 ? 844 : 900,
  });
  const desk = new Desk(page, product.origin);
  const looksRight = async (name: string) => {
    expect(await axeFindings(page)).toEqual([]);
    await until('nothing to scroll sideways', () =>
      page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    );
    await shot(page, `first-run-${name}-${lookName({ locale, dark, width })}`);
  };
  await desk.signIn();
  await desk.changeMe({ locale });
  await desk.settings(product.api.projectId, 'overview');
  const faulty = page.locator('[data-testid=channel-tile][data-kind=telegram]');
  await faulty.getByRole('link', { name: words.tile_fix }).waitFor();
  await page.locator('[data-step=installed]').getByRole('button').first().click();
  const check = page.getByTestId('install-check');
  await check.getByLabel(words.check_page).fill('http://10.0.0.1/');
  await check.getByRole('button', { name: words.channel_check }).click();
  await page.getByTestId('install-cause').waitFor();
  await looksRight('home');
  await page.getByRole('button', { name: words.help_about.replace('{title}', words.set_overview) }).click();
  await page.getByTestId('help').getByRole('listitem').first().waitFor();
  await looksRight('help');
  await desk.settings(product.api.projectId, 'team');
  await page.getByRole('button', { name: words.invitation_title.replace('{name}', 'Борис') }).click();
  await page.getByRole('dialog').locator('pre').waitFor();
  await looksRight('invitation');
  await context.close();
  expect(faults).toEqual([]);
});
