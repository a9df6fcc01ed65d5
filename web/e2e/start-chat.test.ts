import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { MailServer, type Posted } from './support/mail';
import { Product } from './support/product';
import { StartChatDialog, connectMail } from './support/start-chat';
import { until } from './support/wait';
import { Control } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let mail: MailServer;
let fake: TelegramFake;
let bot: Control;
let mailId: string;
let browser: Browser;
let person: Watched;
let desk: Desk;
let start: StartChatDialog;

beforeAll(async () => {
  [product, mail, fake, browser] = await Promise.all([
    Product.start(),
    MailServer.start(),
    TelegramFake.start(),
    launchBrowser(),
  ]);
  bot = new Control(fake, fake.newBot());
  await product.api.connectTelegram(fake.url, bot.bot.token, 'webhook');
  mailId = (await connectMail(product, mail)).id;
  person = await newPerson(browser);
  await person.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  desk = new Desk(person.page, product.origin);
  start = new StartChatDialog(person.page);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await mail?.stop();
  fake?.stop();
  expect(person?.faults ?? []).toEqual([]);
});

beforeEach(async () => {
  await desk.goto('/inbox');
  await person.page.getByTestId('me-menu').first().waitFor();
});

const letterOf = (text: string): Promise<Posted> =>
  until(`the letter "${text}"`, async () =>
    (await mail.posted()).find((posted) => posted.text.includes(text)),
  );

const send = () => start.dialog.getByRole('button', { name: ru.send, exact: true });
const conversationId = () => new URL(person.page.url()).pathname.split('/').at(-1) ?? '';

async function leaveUnsent() {
  await person.page.keyboard.press('Escape');
  await person.page.getByTestId('unsaved').getByRole('button', { name: ru.unsaved_discard }).click();
  await desk.dialogsGone();
}

test('a letter goes out first, its delivery is seen, and the answer comes into the same conversation', async () => {
  const { page } = person;
  // Physical keys: the Russian layout has another letter there.
  await page.evaluate(() =>
    window.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyC', key: 'с', bubbles: true })),
  );
  await start.to.waitFor();
  expect(await send().isDisabled()).toBe(true);
  await start.dialog.getByText(ru.start_chat_need_who).waitFor();
  await start.to.pressSequentially('Anna@client.example');
  await start.openWay('Почта').getByText('anna@client.example').waitFor();
  expect(await start.openWay('Почта').getByRole('radio').isChecked()).toBe(true);
  expect(await axeFindings(page)).toEqual([]);
  await start.dialog.locator('input[type=file]').setInputFiles({
    name: 'накладная.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('Торшер, 1 шт.'),
  });
  await start.text.fill('Ваша лампа приехала');
  await start.dialog.getByText('накладная.txt').waitFor();
  await until('the file', () => send().isEnabled());
  await start.text.press('Control+Enter');

  await desk.bubble('Ваша лампа приехала').locator('[data-delivery=sent]').waitFor();
  await desk.dialogsGone();
  const letter = await letterOf('Ваша лампа приехала');
  expect(letter).toMatchObject({ from: 'sales@shop.example', to: ['anna@client.example'], defects: [] });
  expect(letter.files.map(({ name }) => name)).toEqual(['накладная.txt']);
  await mail.receive({
    headers: {
      From: 'Анна Кофе <Anna@Client.example>',
      To: 'sales@shop.example',
      Subject: `Re: ${letter.headers.subject}`,
      'Message-ID': '<a1@client.example>',
      'In-Reply-To': letter.headers['message-id']!,
    },
    text: 'Еду за ней',
  });
  await desk.bubble('Еду за ней').waitFor();
  const conversations = await product.api.conversations();
  expect(conversations.filter(({ channel }) => channel === 'email').map(({ id }) => id)).toEqual([
    conversationId(),
  ]);
});

test('a channel that cannot begin says why, and gives the link for the client', async () => {
  const { page } = person;
  await start.open();
  await start.to.fill('+7 912 555-01-42');
  const telegram = start.closedWay('Telegram');
  await telegram.getByText(ru.start_chat_why_client_first).waitFor();
  await telegram.getByRole('button', { name: ru.start_chat_out_bot }).click();
  await telegram.getByText(ru.copied).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    `https://t.me/${bot.bot.me.username}`,
  );
  const link = await start.closedWay(ru.channel_site).locator('.link span').textContent();
  expect(link).toMatch(new RegExp(`^${product.origin}/chat/${product.made.site_key}$`));

  // A phone is no address of a letter: the way out leads back to the field.
  const letters = start.closedWay('Почта');
  await letters.getByText(ru.start_chat_why_email).waitFor();
  await start.text.fill('Здравствуйте');
  await start.dialog.getByText(ru.start_chat_none_open).waitFor();
  expect(await send().isDisabled()).toBe(true);
  await letters.getByRole('button', { name: ru.start_chat_out_address }).click();
  expect(await start.to.evaluate((input) => input === document.activeElement)).toBe(true);
  await leaveUnsent();
});

test('a channel that is switched off while one writes is told, and nothing written is lost', async () => {
  await start.open();
  await start.to.fill('boris@client.example');
  await start.openWay('Почта').waitFor();
  await start.text.fill('Пропасть это не должно');
  await product.api.project('PATCH', `/connections/${mailId}`, { status: 'off' });
  await send().click();
  await start.dialog.getByText(ru.problem_connection_off).waitFor();
  await start.closedWay('Почта').getByText(ru.start_chat_why_off).waitFor();
  const settings = start.closedWay('Почта').getByRole('link', { name: ru.start_chat_out_settings });
  expect(await settings.getAttribute('href')).toBe(`/projects/${product.made.project_id}/settings/channels`);
  expect(await start.text.inputValue()).toBe('Пропасть это не должно');
  await product.api.project('PATCH', `/connections/${mailId}`, { status: 'active' });
  await start.to.press('Enter');
  await start.openWay('Почта').waitFor();
  await send().click();
  await letterOf('Пропасть это не должно');
  await desk.bubble('Пропасть это не должно').locator('[data-delivery=sent]').waitFor();
});

test('a known client is found first, by the address and by the name, and the conversation opens', async () => {
  const { page } = person;
  bot.person(501, 'Марина', 'marina_kv').says('Есть торшеры?');
  const known = await product.api.conversationWith('Есть торшеры?');
  await start.open();
  await start.to.fill('@marina_kv');
  await start.dialog.getByText(ru.start_chat_known).waitFor();
  await start.known('Марина').getByRole('button', { name: ru.start_chat_open }).click();
  await page.waitForURL(`**/inbox/${known.id}`);
  await desk.bubble('Есть торшеры?').waitFor();
  await desk.dialogsGone();

  await start.open();
  await start.to.fill('мари');
  await start.dialog.getByText(ru.start_chat_found).waitFor();
  await start.known('Марина').getByRole('button').first().click();
  await start.client.getByText('Марина').waitFor();
  expect(await start.text.evaluate((area) => area === document.activeElement)).toBe(true);
  await start.openWay('Telegram').getByText('@marina_kv').waitFor();
  // There is no e-mail of hers: it belongs into the card.
  await start.closedWay('Почта').getByRole('button', { name: ru.start_chat_out_card }).waitFor();
  await start.text.fill('Привезли новые');
  await send().click();
  await until('the message', async () => bot.sent('Привезли новые').length === 1);
  await desk.bubble('Привезли новые').locator('[data-delivery=sent]').waitFor();
});

test('a client is written to from their card and from the list, in a channel of their own choice', async () => {
  const { page } = person;
  const known = await product.api.conversationWith('Есть торшеры?');
  await product.api.project('PATCH', `/contacts/${known.contact_id}`, {
    fields: { email: 'marina@client.example' },
  });
  await desk.open(known.id);
  await desk.card.getByRole('button', { name: ru.start_chat_elsewhere }).click();
  await start.client.getByText('Марина').waitFor();
  await until('typing to begin at the words', () =>
    start.text.evaluate((area) => area === document.activeElement),
  );
  await start.openWay('Почта').getByText('marina@client.example').waitFor();
  await start.openWay('Почта').getByRole('radio').check();
  await start.text.fill('Пишу и сюда');
  await send().click();
  expect((await letterOf('Пишу и сюда')).to).toEqual(['marina@client.example']);
  await desk.bubble('Пишу и сюда').locator('[data-delivery=sent]').waitFor();

  await desk.goto('/clients?q=marina_kv');
  await page.getByRole('button', { name: ru.clients_actions.replace('{name}', 'Марина') }).click();
  await page.getByRole('menuitem', { name: ru.start_chat_write, exact: true }).click();
  await start.client.getByText('Марина').waitFor();
  // Nothing was written: nothing is asked.
  await page.keyboard.press('Escape');
  await desk.dialogsGone();
});

test('who has blocked the bot is not offered there', async () => {
  const igor = bot.person(502, 'Игорь', 'igor_s');
  igor.says('Не пишите мне');
  const { contact_id, id } = await product.api.conversationWith('Не пишите мне');
  igor.blocks();
  await product.api.send(id, 'Один вопрос');
  await until(
    'the block',
    async () => (await product.api.replyChannels(contact_id)).items[0]?.can_write === false,
  );
  await start.open();
  await start.to.fill('@igor_s');
  await start.closedWay('Telegram').getByText(ru.start_chat_why_blocked).waitFor();
});

test('a pasted list is offered as a mailing, and leaving asks about it', async () => {
  const { page } = person;
  await start.open();
  await page.evaluate(() =>
    navigator.clipboard.writeText('a@client.example\nb@client.example\nc@client.example'),
  );
  await start.to.press('Control+V');
  await start.dialog.getByRole('status').filter({ hasText: '3 адреса' }).waitFor();
  expect(await start.to.inputValue()).toBe('a@client.example, b@client.example, c@client.example');
  const link = start.dialog.getByRole('link', { name: ru.start_chat_many_open });
  expect(await link.getAttribute('href')).toBe(`/projects/${product.made.project_id}/mailings`);
  await start.text.fill('Всем привет');
  expect(await send().isDisabled()).toBe(true);
  await page.keyboard.press('Escape');
  await page.getByTestId('unsaved').getByRole('button', { name: ru.unsaved_stay }).click();
  expect(await start.text.inputValue()).toBe('Всем привет');
  await leaveUnsent();
});

test('the rail, the palette and the list of keys lead there', async () => {
  const { page } = person;
  await page.getByRole('navigation').getByRole('button', { name: ru.start_chat }).click();
  await start.to.waitFor();
  await page.keyboard.press('Escape');
  await desk.dialogsGone();
  await page.keyboard.press('Control+k');
  await page.getByTestId('palette').getByRole('combobox').fill(ru.start_chat);
  await page.keyboard.press('Enter');
  await start.to.waitFor();
  await page.keyboard.press('Escape');
  await desk.dialogsGone();
  await page.keyboard.press('Shift+Slash');
  await page.getByRole('dialog').getByText(ru.start_chat, { exact: true }).waitFor();
});
