import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { MailServer, type Posted } from './support/mail';
import { phoneFlow } from './support/phone-flow';
import { Product } from './support/product';
import { shot } from './support/shot';
import { connectMail } from './support/start-chat';
import { NINA, Telemelya, TelemelyaGate, type Writer } from './support/telemelya';
import { until } from './support/wait';

const TOKEN = '123456789:AAF4keTokenOfTheTestSuite_0123456789';
const IGOR: Writer = { id: 818181, first_name: 'Игорь' };
const VERA: Writer = { id: 717171, first_name: 'Вера' };
const [ANNA, BORIS] = ['anna@client.example', 'boris@client.example'];

let product: Product;
let telemelya: Telemelya;
let gate: TelemelyaGate;
let mail: MailServer;
let browser: Browser;
let owner: Watched;
let desk: Desk;
let page: Page;

/** Two clients of Telegram and two of the mailbox have a tag; another of Telegram has none. */
beforeAll(async () => {
  [product, telemelya, mail, browser] = await Promise.all([
    Product.start(),
    Telemelya.start(),
    MailServer.start(),
    launchBrowser(),
  ]);
  gate = await TelemelyaGate.start(telemelya);
  await product.api.connectTelegram(gate.url, TOKEN, 'webhook');
  await connectMail(product, mail);
  const flow = phoneFlow();
  const document = { ...flow, launch: [{ kind: 'mailing', to: 'b1' }] };
  const { id } = await product.api.project<{ id: string }>('POST', '/scenarios', {
    name: 'Сбор телефона',
    document,
  });
  await product.api.project('POST', `/scenarios/${id}/publish`, { revision: 1 });
  for (const one of [NINA, IGOR, VERA]) await telemelya.says(TOKEN, one, `Привет, это ${one.first_name}`);
  await mail.receive(letter(ANNA, 'Анна', 'Привет, это Анна'), letter(BORIS, 'Борис', 'Привет, это Борис'));
  for (const name of ['Нина', 'Игорь', 'Анна', 'Борис']) {
    const { contact_id } = await product.api.conversationWith(`Привет, это ${name}`);
    await product.api.project('PATCH', `/contacts/${contact_id}`, { tags: ['звонок'] });
  }
  await product.api.conversationWith('Привет, это Вера');
  owner = await newPerson(browser, { width: 1440, height: 900 });
  page = owner.page;
  desk = new Desk(page, product.origin);
  await desk.signIn();
}, 120_000);

afterAll(async () => {
  await browser?.close();
  gate?.stop();
  await Promise.all([telemelya?.stop(), mail?.stop(), product?.stop()]);
  expect(owner?.faults ?? []).toEqual([]);
});

let letters = 0;
function letter(from: string, name: string, text: string, about?: Posted) {
  const thread = about && { 'In-Reply-To': about.headers['message-id']! };
  const id = `<${(letters += 1)}@client.example>`;
  const headers = { From: `${name} <${from}>`, To: 'sales@shop.example', Subject: 'Лампы', 'Message-ID': id };
  return { headers: { ...headers, ...thread }, text };
}

const button = (name: string) => page.getByRole('button', { name, exact: true });
const drawer = () => page.getByRole('dialog');
const next = (step: string) => button(ru.mailing_next.replace('{step}', step)).click();
const card = (title: string) => page.getByTestId('report-card').filter({ hasText: title });

/** The newest message a person of Telegram has of the bot, once it begins so. */
const hears = (who: Writer, text: string) =>
  until(`${who.first_name} to hear "${text}"`, async () => {
    const heard = (await telemelya.received()).filter(({ chat_id }) => chat_id === who.id);
    const newest = heard.at(-1);
    return newest?.text.startsWith(text) && newest;
  });

const letterTo = (address: string, text: string): Promise<Posted> =>
  until(`a letter "${text}" to ${address}`, async () =>
    (await mail.posted()).find((one) => one.to[0] === address && one.text.startsWith(text)),
  );

test('a mailing of a scenario is made for a tag, over two channels', async () => {
  await desk.settings(product.made.project_id, 'mailings');
  await button(ru.mailing_new).first().click();
  await page.getByLabel(ru.mailing_title).fill('Звоним всем');
  await button(ru.mailing_create).click();
  await page.waitForURL(/mailings\/mlg_/);
  await desk.dialogsGone();
  await page
    .getByTestId('audience')
    .getByRole('button', { name: ru.mailing_condition_add, exact: true })
    .click();
  await page.getByRole('menuitem', { name: ru.mailing_leaf_tag, exact: true }).click();
  await page.getByRole('textbox', { name: ru.mailing_leaf_tag }).fill('звонок');
  await until('four people', async () =>
    (await page.getByTestId('audience-count').textContent())?.includes('из 4 человек'),
  );
  await next(ru.mailing_step_what);
  await page.getByRole('radio', { name: new RegExp(ru.mailing_body_scenario) }).check({ force: true });
  await page.getByLabel(ru.menu_scenario, { exact: true }).selectOption({ label: 'Сбор телефона' });
  const channels = page.getByTestId('mailing-channels');
  await channels.getByText('Telegram', { exact: true }).waitFor();
  await channels.getByText(ru.channel_email, { exact: true }).waitFor();
  await next(ru.mailing_step_when);
  await page.getByRole('switch', { name: ru.mailing_quiet }).click();
  await page.locator('[data-testid=save-mark][data-state=saved]').waitFor();
});

test('the check says whom it reaches and the start launches the scenario with each', async () => {
  await next(ru.mailing_step_check);
  const equation = page.getByTestId('equation');
  await equation.getByRole('button', { name: `${ru.mailing_count_title}: 4` }).waitFor();
  await button(ru.mailing_start_button).click();
  await page.getByTestId('mailing-state').filter({ hasText: ru.mailing_state_done }).waitFor();
  await Promise.all([
    ...[NINA, IGOR].map((one) => hears(one, 'Ваш телефон?')),
    ...[ANNA, BORIS].map((one) => letterTo(one, 'Ваш телефон?')),
  ]);
  const { length } = (await telemelya.received()).filter(({ chat_id }) => chat_id === VERA.id);
  expect(length).toBe(0);
  for (const one of await mail.posted()) expect(one.defects).toEqual([]);
});

test('answers in both channels run the scenario', async () => {
  await telemelya.says(TOKEN, NINA, '8 (912) 345-67-89');
  const question = await hears(NINA, 'Когда позвонить?');
  await telemelya.presses(TOKEN, NINA, question, 'Вечером');
  await hears(NINA, 'Записали');
  await telemelya.says(TOKEN, IGOR, 'не скажу');
  await hears(IGOR, 'Это не номер');
  const asked = await letterTo(ANNA, 'Ваш телефон?');
  await mail.receive(letter(ANNA, 'Анна', '+7 912 000-11-22', asked));
  await mail.receive(letter(ANNA, 'Анна', 'Утром', await letterTo(ANNA, 'Когда позвонить?')));
  await letterTo(ANNA, 'Записали');
});

test('the summary report has its launches in green, an unused block grey, and its people behind a number', async () => {
  await page.getByRole('link', { name: ru.rep_title }).click();
  await card('Спросить телефон').waitFor();
  expect(new URL(page.url()).searchParams.get('mailing_id')).toMatch(/^mlg_/);
  expect(await page.getByTestId('launches').textContent()).toBe('4');
  const numbers = await Promise.all(
    ['Спросить телефон', 'Удобное время', 'Спасибо', 'Знакомый'].map((title) => look(title)),
  );
  expect(numbers).toEqual([
    { count: '4', isGreen: true, isUnused: false },
    { count: '2', isGreen: true, isUnused: false },
    { count: '2', isGreen: true, isUnused: false },
    { count: '0', isGreen: false, isUnused: true },
  ]);
  await card('Удобное время').locator('.number').click();
  const rows = drawer().getByTestId('recipients').getByRole('listitem');
  await until('the two who answered', async () => (await rows.count()) === 2);
  expect((await rows.allTextContents()).join()).toMatch(/Нина.*Анна|Анна.*Нина/s);
  await shot(page, 'mailing-scenario-report');
  await rows.filter({ hasText: 'Анна' }).getByRole('link').first().click();
  await page.waitForURL(/inbox\/cnv_/);
  await desk.bubble('+7 912 000-11-22').waitFor();
});

/** What a card of the report says, and in which colour. */
async function look(title: string) {
  const number = card(title).locator('.number');
  const colour = await number.evaluate((one) => getComputedStyle(one).backgroundColor);
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return {
    count: await number.textContent(),
    isGreen: green > red + 20 && green > blue + 20,
    isUnused: (await card(title).getAttribute('class'))?.includes('unused'),
  };
}
