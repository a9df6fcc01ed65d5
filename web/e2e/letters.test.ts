import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { MailServer } from './support/mail';
import { OWNER, Product } from './support/product';
import { connectMail } from './support/start-chat';
import { until } from './support/wait';
import { Widget } from './support/widget';

/** Letters are taken by aiosmtpd and read by Python's `email`: nobody's of ours. */
let product: Product;
let mail: MailServer;
let browser: Browser;
let host: HostPage;

beforeAll(async () => {
  [product, mail, browser] = await Promise.all([Product.start(), MailServer.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await mail?.stop();
  host?.stop();
});

test('whoever closed every page gets one letter about a client who waits; /me says when and where it comes from', async () => {
  const { page, context } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.goto('/me');
  const after = page.getByTestId('letters-after');
  expect(await after.inputValue()).toBe('5');
  await page.getByText(ru.me_letters_no_mailbox).waitFor();
  await connectMail(product, mail);
  await page.reload();
  await after.waitFor();
  expect(await page.getByText(ru.me_letters_no_mailbox).count()).toBe(0);
  await after.selectOption('3');
  await page.getByText(ru.saved).first().waitFor();
  await page.reload();
  await after.waitFor();
  expect(await after.inputValue(), 'it is the server that keeps it').toBe('3');
  // Nobody waits three minutes in a test.
  await desk.changeMe({ email_after_minutes: 1 });
  await context.close();

  const visitor = await newPerson(browser);
  await visitor.page.goto(host.url);
  const widget = new Widget(visitor.page);
  await widget.open();
  await widget.say('Есть кто живой?');
  const { id } = await product.api.conversationWith('Есть кто живой?');
  await until('a letter', async () => (await mail.posted()).length > 0, 100_000);
  const [letter] = await mail.posted();
  expect(letter).toMatchObject({ to: [OWNER.email], defects: [] });
  expect(letter!.headers.Subject ?? letter!.headers.subject).toContain('ждёт ответа');
  expect(letter!.text).toContain('Есть кто живой?');
  expect(letter!.text).toContain(`${product.origin}/inbox/${id}`);
  await visitor.context.close();
}, 150_000);
