import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { OWNER, Product } from './support/product';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let browser: Browser;
let host: HostPage;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
});

const kept = (page: Page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const answers = names.includes('otklik-answers')
      ? await (await caches.open('otklik-answers')).keys()
      : [];
    return { names: names.map((name) => name.replace(/\d+$/, '')), answers: answers.length };
  });

test('a chat that was read is read without a server, an answer waits for it, and signing out leaves nothing', async () => {
  const visitor = await newPerson(browser);
  await visitor.page.goto(host.url);
  const widget = new Widget(visitor.page);
  await widget.open();
  await widget.say('Есть лампы?');

  const { page, context } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  expect(await kept(page), 'nothing is kept before somebody wishes it').toEqual({ names: [], answers: 0 });
  await desk.goto('/me');
  const wish = page.getByRole('switch', { name: ru.offline_card_switch });
  expect(await wish.getAttribute('aria-checked')).toBe('false');
  await wish.click();
  await page.getByText(ru.offline_card_kept).waitFor();

  const { id } = await product.api.conversationWith('Есть лампы?');
  await desk.goto('/inbox');
  await desk.newFolder.click();
  await desk.row(id).click();
  await desk.bubble('Есть лампы?').waitFor();
  await until('the answers to be kept', async () => (await kept(page)).answers > 5);

  await product.killHard();
  await desk.goto(`/inbox/${id}`);
  await desk.bubble('Есть лампы?').waitFor();
  const banner = page.getByRole('status').filter({ hasText: ru.offline });
  await banner.waitFor();
  expect(await banner.textContent()).toContain('Показано сохранённое на этом устройстве');
  await desk.say('Да, три вида');
  await desk.bubble('Да, три вида').waitFor();
  // The browser is closed with the answer in it, and opened again.
  await page.close();
  const later = await context.newPage();
  const again = new Desk(later, product.origin);
  await again.goto(`/inbox/${id}`);
  await again.bubble('Да, три вида').waitFor();

  await product.run();
  await until('the answer to arrive', async () =>
    (await product.api.messages(id)).some(({ content }) => content.text === 'Да, три вида'),
  );
  const said = (await product.api.messages(id)).filter(({ content }) => content.text === 'Да, три вида');
  expect(said).toHaveLength(1);
  await until(
    'the banner to go',
    async () => (await later.getByRole('status').filter({ hasText: ru.offline }).count()) === 0,
  );

  await later.getByTestId('me-menu').first().click();
  await later.getByRole('menuitem', { name: ru.sign_out, exact: true }).click();
  await later.locator('input[type=email]').waitFor();
  expect((await kept(later)).names).not.toContain('otklik-answers');
  // Without a server nobody reads on: the desk asks who is there and hears nothing.
  await product.killHard();
  await again.goto(`/inbox/${id}`);
  await until('an honest page', async () => (await again.bubble('Есть лампы?').count()) === 0);
  await product.run();
  await context.close();
  await visitor.context.close();
});

test('who comes after me on the same device reads nothing of mine', async () => {
  const { page, context } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.goto('/me');
  await page.getByRole('switch', { name: ru.offline_card_switch }).click();
  await page.getByText(ru.offline_card_kept).waitFor();
  await desk.goto('/inbox');
  await until('the answers to be kept', async () => (await kept(page)).answers > 3);
  // The session ended elsewhere, and somebody signs in.
  await context.clearCookies();
  await desk.goto('/inbox');
  await page.locator('input[type=email]').waitFor();
  expect((await kept(page)).answers).toBe(0);
  await desk.fillSignIn(OWNER.email, OWNER.password);
  await page.getByTestId('me-menu').first().waitFor();
  // Switched off, the files go, too.
  await desk.goto('/me');
  await page.getByRole('switch', { name: ru.offline_card_switch }).click();
  await page.getByText(ru.offline_card_forgotten).waitFor();
  expect(await kept(page)).toEqual({ names: [], answers: 0 });
  await context.close();
});
