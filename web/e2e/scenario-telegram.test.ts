import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { phoneFlow } from './support/phone-flow';
import { Product } from './support/product';
import { NINA, type SentByBot, Telemelya, TelemelyaGate, type Writer } from './support/telemelya';
import { until } from './support/wait';
import { Widget } from './support/widget';

const TOKEN = '123456789:AAF4keTokenOfTheTestSuite_0123456789';
const OLEG: Writer = { id: 515151, first_name: 'Олег' };
const PETR: Writer = { id: 616161, first_name: 'Пётр' };
const VERA: Writer = { id: 717171, first_name: 'Вера' };
const IGOR: Writer = { id: 818181, first_name: 'Игорь' };

interface Report {
  launches: number;
  version: number;
  versions: number[];
  blocks: Record<
    string,
    { visits: number; exits: Record<string, number>; incorrect: number; waiting: number }
  >;
}

let product: Product;
let telemelya: Telemelya;
let gate: TelemelyaGate;
let host: HostPage;
let browser: Browser;
let visitor: Watched;
let owner: Watched;
let scenario: string;

beforeAll(async () => {
  [product, telemelya, browser] = await Promise.all([Product.start(), Telemelya.start(), launchBrowser()]);
  gate = await TelemelyaGate.start(telemelya);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  await product.api.connectTelegram(gate.url, TOKEN, 'webhook');
  await product.api.addPhoneRule();
  scenario = await published('Сбор телефона', phoneFlow());
  visitor = await newPerson(browser);
  owner = await newPerson(browser);
});

afterAll(async () => {
  await browser?.close();
  host?.stop();
  gate?.stop();
  await Promise.all([telemelya?.stop(), product?.stop()]);
  expect([...(visitor?.faults ?? []), ...(owner?.faults ?? [])]).toEqual([]);
});

async function published(name: string, document: object): Promise<string> {
  const { id } = await product.api.project<{ id: string }>('POST', '/scenarios', { name, document });
  await product.api.project('POST', `/scenarios/${id}/publish`, { revision: 1 });
  return id;
}

const report = (id: string, query = '') =>
  product.api.project<Report>('GET', `/scenarios/${id}/report${query}`);

const says = (who: Writer, text: string) => telemelya.says(TOKEN, who, text);

async function heardBy(who: Writer): Promise<SentByBot[]> {
  return (await telemelya.received()).filter(({ chat_id }) => chat_id === who.id);
}

/** The newest message that the person has of the bot, once it is this one. */
const hears = (who: Writer, text: string): Promise<SentByBot> =>
  until(`${who.first_name} to hear "${text}"`, async () => {
    const newest = (await heardBy(who)).at(-1);
    return newest?.text === text && newest;
  });

async function texts(who: Writer): Promise<string[]> {
  return (await heardBy(who)).map(({ text }) => text);
}

/** The conversation of a person of Telegram. */
async function conversationOf(who: Writer) {
  const all = await product.api.conversations();
  const found = all.find(({ channel, contact }) => channel === 'telegram' && contact.name === who.first_name);
  if (!found) throw new Error(`${who.first_name} has no conversation`);
  return found;
}

const fieldsOf = async (who: Writer) =>
  (await product.api.contact((await conversationOf(who)).contact_id)).fields;

test('a visitor of the site leaves a phone', async () => {
  const widget = new Widget(visitor.page);
  await visitor.page.goto(host.url);
  await widget.open();
  await widget.say('Есть лампы?');
  await widget.call('TalkMe', 'setClientInfo', { name: 'Нина', phone: '8 (912) 345-67-89' });
  const { contact_id } = await product.api.conversationWith('Есть лампы?');
  await until('the phone', async () => (await product.api.contact(contact_id)).fields.phone);
});

test('the bot asks in Telegram, says what is wrong and goes on waiting', async () => {
  await says(NINA, 'Звонок!');
  await hears(NINA, 'Ваш телефон?');
  for (const wrong of ['не скажу', '12345']) {
    await says(NINA, wrong);
    await until('the error text', async () => (await texts(NINA)).at(-1) === 'Это не номер');
  }
  expect((await conversationOf(NINA)).contact.multi_contact_size).toBe(1);
  expect((await fieldsOf(NINA)).phone ?? []).toEqual([]);
  expect((await report(scenario)).blocks.b2).toMatchObject({ waiting: 1, exits: {} });
});

test('the right answer is saved in E.164 and joins the client of the site at once', async () => {
  await says(NINA, '8 (912) 345-67-89');
  const question = await hears(NINA, 'Когда позвонить?');
  expect((await fieldsOf(NINA)).phone).toMatchObject([{ value: '+79123456789' }]);
  expect((await conversationOf(NINA)).contact.multi_contact_size).toBe(2);
  expect((await product.api.conversationWith('Есть лампы?')).contact.multi_contact_size).toBe(2);

  const keys = question.reply_markup?.inline_keyboard?.flat().map(({ text }) => text);
  expect(keys).toEqual(['Утром', 'Вечером']);
  await telemelya.presses(TOKEN, NINA, question, 'Вечером');
  await hears(NINA, 'Записали');
  expect(await texts(NINA)).toEqual([
    'Ваш телефон?',
    'Это не номер',
    'Это не номер',
    'Когда позвонить?',
    'Записали',
  ]);
});

test('a client whose phone is known is not asked again', async () => {
  await says(NINA, 'звонок');
  await hears(NINA, 'Мы вас знаем');
});

test('with the other action a wrong answer leaves through an exit of its own', async () => {
  const id = await published('Без повтора', phoneFlow({ keyword: 'заявка', onIncorrect: 'exit' }));
  await says(OLEG, 'заявка');
  await hears(OLEG, 'Ваш телефон?');
  await says(OLEG, 'а зачем?');
  await hears(OLEG, 'Ответим здесь');
  expect(await texts(OLEG)).toEqual(['Ваш телефон?', 'Ответим здесь']);
  expect((await report(id)).blocks.b2).toMatchObject({ exits: { incorrect: 1 }, incorrect: 1, waiting: 0 });

  const desk = new Desk(owner.page, product.origin);
  await desk.signIn();
  await desk.goto(`/projects/${product.made.project_id}/scenarios/${id}/report`);
  const asked = owner.page.getByTestId('report-card').filter({ hasText: 'Спросить телефон' });
  const way = asked.getByRole('listitem').filter({ hasText: ru.scn_exit_incorrect });
  expect(await way.locator('.count').textContent()).toBe('1');
});

test('a contact that is shared by the button answers the question for a phone', async () => {
  const share = { id: 'share', label: 'Отправить номер', kind: 'share_phone' };
  const wait = { expect: 'phone', save_to: 'phone' };
  const ask = { text: 'Поделитесь номером', buttons: [share], wait };
  await published('Контакт', {
    schema: 1,
    launch: [{ kind: 'keyword', words: ['контакт'], to: 'a' }],
    blocks: [
      { id: 'a', type: 'message', title: 'Просьба', pos: [0, 0], settings: ask },
      { id: 'b', type: 'message', title: 'Ответ', pos: [300, 0], settings: { text: 'Номер есть' } },
    ],
    edges: [{ from: ['a', 'button:share'], to: 'b' }],
  });
  await says(VERA, 'контакт');
  const question = await hears(VERA, 'Поделитесь номером');
  expect(question.reply_markup?.keyboard).toEqual([[{ text: 'Отправить номер', request_contact: true }]]);
  await says(VERA, '/contact 79125550199');
  await hears(VERA, 'Номер есть');
  expect((await fieldsOf(VERA)).phone).toMatchObject([{ value: '+79125550199', verified: true }]);
});

test('a run ends on the version it began with, a new one takes the newest, and the report has both', async () => {
  await says(PETR, 'звонок');
  await hears(PETR, 'Ваш телефон?');
  const path = `/scenarios/${scenario}`;
  const renewed = phoneFlow({ question: 'Оставьте номер, пожалуйста' });
  renewed.blocks[2]!.title = 'Время звонка';
  renewed.blocks[2]!.settings.text = 'Во сколько удобно?';
  const { revision } = await product.api.project<{ revision: number }>('GET', `${path}/draft`);
  const saved = await product.api.project<{ revision: number }>('PUT', `${path}/draft`, {
    document: renewed,
    revision,
  });
  await product.api.project('POST', `${path}/publish`, { revision: saved.revision });

  await says(IGOR, 'звонок');
  await hears(IGOR, 'Оставьте номер, пожалуйста');
  await says(PETR, '8 912 555-01-77');
  await hears(PETR, 'Когда позвонить?');
  await says(IGOR, '8 912 555-01-88');
  await hears(IGOR, 'Во сколько удобно?');

  const [all, first, second] = await Promise.all(
    ['', '?version=1', '?version=2'].map((query) => report(scenario, query)),
  );
  expect(all).toMatchObject({ launches: 4, version: 2, versions: [2, 1] });
  expect(first).toMatchObject({ launches: 3, version: 1, blocks: { b3: { visits: 2, waiting: 1 } } });
  expect(second).toMatchObject({ launches: 1, version: 2, blocks: { b3: { visits: 1, waiting: 1 } } });
});

test('the page of the report shows the numbers and the scheme of the chosen version', async () => {
  const { page } = owner;
  await page.goto(`${product.origin}/projects/${product.made.project_id}/scenarios/${scenario}/report`);
  const launches = page.getByTestId('launches');
  const card = (title: string) => page.getByTestId('report-card').filter({ hasText: title });
  await card('Время звонка').waitFor();
  expect(await launches.textContent()).toBe('4');
  const version = page.getByRole('combobox', { name: ru.rep_version });
  await version.selectOption('1');
  await card('Удобное время').waitFor();
  expect(await launches.textContent()).toBe('3');
  expect(await card('Удобное время').locator('.number').textContent()).toBe('2');
  await version.selectOption('2');
  await card('Время звонка').waitFor();
  expect(await launches.textContent()).toBe('1');
  expect(await card('Время звонка').locator('.number').textContent()).toBe('1');
});
