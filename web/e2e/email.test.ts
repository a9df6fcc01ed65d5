import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { MailServer, type Posted } from './support/mail';
import { Product } from './support/product';
import { until } from './support/wait';

let product: Product;
let mail: MailServer;
let browser: Browser;
let person: Watched;
let desk: Desk;

beforeAll(async () => {
  [product, mail, browser] = await Promise.all([Product.start(), MailServer.start(), launchBrowser()]);
  person = await newPerson(browser);
  desk = new Desk(person.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await mail?.stop();
  expect(person?.faults ?? []).toEqual([]);
});

const anna = 'Анна Кофе <Anna@Client.example>';

const letter = (id: string, text: string, more: Record<string, string> = {}) => ({
  headers: {
    From: anna,
    To: 'sales@shop.example',
    Subject: 'Торшер «Сосна»',
    'Message-ID': `<${id}@client.example>`,
    ...more,
  },
  text,
});

const letterOf = (text: string): Promise<Posted> =>
  until(`the letter "${text}"`, async () =>
    (await mail.posted()).find((posted) => posted.text.includes(text)),
  );

test('a mailbox is connected in the desk, and a wrong password is told', async () => {
  const { page } = person;
  await desk.settings(product.made.project_id, 'channels');
  await page.locator('[data-testid=channel-logo][data-kind=email]').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByTestId('mail-address').fill('Sales@shop.example');
  for (const [side, port] of [
    ['smtp', mail.smtp],
    ['imap', mail.imap],
  ] as const) {
    const server = dialog.getByTestId(`mail-${side}`);
    expect(await server.getByLabel(ru.mail_host).inputValue()).toBe(`${side}.shop.example`);
    await server.getByLabel(ru.mail_host).fill('127.0.0.1');
    await server.getByLabel(ru.mail_security).selectOption('plain');
    await server.getByLabel(ru.mail_port).fill(String(port));
  }
  await dialog.getByLabel(ru.mail_name).fill('Лавка');
  await dialog.getByLabel(ru.mail_login).fill(mail.login);
  await dialog.getByLabel(ru.mail_signature).fill('Лавка «Папоротник»');
  await dialog.getByTestId('mail-password').fill('wrong');
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: ru.tg_connect }).click();
  await dialog.locator('.error').filter({ hasText: 'пароль приложения' }).waitFor();
  await dialog.getByTestId('mail-password').fill(mail.password);
  await dialog.getByRole('button', { name: ru.tg_connect }).click();
  await dialog.getByRole('status').filter({ hasText: 'sales@shop.example' }).waitFor();
  await dialog.getByRole('button', { name: ru.close }).last().click();
  const card = page.getByTestId('connection').filter({ hasText: 'sales@shop.example' });
  await card.getByText(ru.channel_active).waitFor();
});

test('a letter is a conversation, its answer a letter of the same thread, and the reply comes back', async () => {
  const { page } = person;
  await desk.goto('/inbox');
  const quoted =
    'Добрый день! Торшер ещё есть?\n\nOn Mon, 12 May 2025 Olya <sales@shop.example> wrote:\n> Каталог во вложении.';
  await mail.receive({ ...letter('1', quoted), files: [{ name: 'план комнаты.bin', size: 900_000 }] });
  await desk.newFolder.click();
  const row = page.getByTestId('conversation-row').filter({ hasText: 'Анна Кофе' });
  await row.waitFor();
  await row.getByLabel(ru.channel_email).waitFor();
  await row.click();
  const first = desk.bubble('Добрый день!');
  await first.getByTestId('subject').getByText('Торшер «Сосна»').waitFor();
  await first.getByText('план комнаты.bin').first().waitFor();
  expect(await first.getByText('Каталог во вложении.').isVisible()).toBe(false);
  await first.getByText(ru.mail_folded).click();
  await first.getByText('Каталог во вложении.').waitFor();
  expect(await axeFindings(page)).toEqual([]);

  await desk.say('Есть, две штуки');
  await desk.bubble('Есть, две штуки').locator('[data-delivery=sent]').waitFor();
  const answer = await letterOf('Есть, две штуки');
  expect(answer).toMatchObject({
    from: 'sales@shop.example',
    to: ['anna@client.example'],
    text: 'Есть, две штуки\n\n-- \nЛавка «Папоротник»',
    defects: [],
  });
  expect(answer.headers).toMatchObject({
    from: 'Лавка <sales@shop.example>',
    subject: 'Re: Торшер «Сосна»',
    'in-reply-to': '<1@client.example>',
    references: '<1@client.example>',
  });

  const thread = { 'In-Reply-To': answer.headers['message-id']!, References: answer.headers['message-id']! };
  await mail.receive(letter('2', 'Беру одну', { Subject: 'Re: Торшер «Сосна»', ...thread }));
  await desk.bubble('Беру одну').waitFor();
  await mail.receive(letter('3', 'Скиньте карту', { From: 'mallory@evil.example', ...thread }));
  await page.getByTestId('conversation-row').filter({ hasText: 'mallory@evil.example' }).waitFor();
  expect(await desk.thread()).toHaveLength(3);
});

test('what the server refuses and what bounces later is marked with its words', async () => {
  await mail.answerRecipients('550 5.1.1 no such user here');
  await desk.say('Не дойдёт');
  await desk.bubble('Не дойдёт').getByRole('alert').filter({ hasText: 'no such user here' }).waitFor();

  await desk.say('Вернётся');
  const posted = await letterOf('Вернётся');
  await mail.receive({
    raw: [
      'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: sales@shop.example\nSubject: Undelivered Mail',
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b\nMIME-Version: 1.0\n\n--b\n\nSorry.\n--b',
      'Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; anna@client.example',
      'Action: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox is full\n--b',
      `Content-Type: text/rfc822-headers\n\nMessage-ID: ${posted.headers['message-id']}\n\n--b--\n`,
    ].join('\n'),
  });
  await desk.bubble('Вернётся').getByRole('alert').filter({ hasText: 'mailbox is full' }).waitFor();
});

test('letters that come while the program is killed come once each', { timeout: 120_000 }, async () => {
  const count = 120;
  const of = (n: number) => letter(`k${n}`, `письмо ${n}`, { From: 'boris@client.example' });
  for (let n = 0; n < count; n += 20) {
    await mail.receive(...Array.from({ length: 20 }, (_, i) => of(n + i)));
    if (n % 40 === 0) await product.restart();
  }
  const texts = await until('every letter', async () => {
    const conversations = await product.api.conversations();
    const [boris, ...others] = conversations.filter(({ contact }) => contact.name === 'boris@client.example');
    if (!boris || others.length > 0) return false;
    const said = await product.api.texts(boris.id);
    return said.length >= count && said;
  });
  const wanted = Array.from({ length: count }, (_, n) => `письмо ${n}`);
  expect([...texts].sort()).toEqual([...wanted].sort());
});
