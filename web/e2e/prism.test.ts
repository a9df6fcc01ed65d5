import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prism, JudgingProxy } from './support/prism';
import { Product } from './support/product';
import { paper } from './support/samples';
import { until } from './support/wait';
import { Control, type Person } from './telegram-fake/control';
import { TelegramFake } from './telegram-fake/server';

let product: Product;
let fake: TelegramFake;
let control: Control;
let prism: Prism;
let proxy: JudgingProxy;
let nina: Person;
let connection: { id: string };

beforeAll(async () => {
  fake = await TelegramFake.start();
  control = new Control(fake, fake.newBot());
  nina = control.person(7, 'Нина');
  prism = await Prism.start();
  proxy = await JudgingProxy.start(prism, fake.url);
  product = await Product.start();
  connection = await product.api.connectTelegram(proxy.url, control.bot.token, 'webhook');
});

afterAll(async () => {
  await product?.stop();
  proxy?.stop();
  await prism?.stop();
  fake?.stop();
});

test('the judge has teeth: it refuses what Telegram would refuse', async () => {
  const path = `/bot${control.bot.token}/sendMessage`;
  const wrong = [
    { text: 'кому?' },
    { chat_id: 7, text: '' },
    { chat_id: 7, text: 'x'.repeat(4097) },
    { chat_id: 7, text: 'x', disable_web_page_preview: true },
    { chat_id: 7, text: 'x', reply_markup: { inline_keyboard: [[{ text: 'Да', callback_dat: 'yes' }]] } },
  ];
  for (const body of wrong) expect((await prism.judge(path, JSON.stringify(body))).status).toBe(422);
  expect((await prism.judge(path, JSON.stringify({ chat_id: 7, text: 'x' }))).status).toBe(200);
});

test('every JSON request of the product passes the description of the Bot API', async () => {
  nina.says('Добрый день');
  const conversation = await product.api.conversationWith('Добрый день');
  const reply = { id: 'matt', label: 'Матовая', kind: 'reply' };
  const link = { id: 'site', label: 'На сайт', kind: 'link', url: 'https://fern.example/luna' };
  const phone = { id: 'phone', label: 'Дать номер', kind: 'share_phone' };
  const sends: [string, unknown[]][] = [
    ['Здравствуйте <b>&</b> *всё* _так_', []],
    ['длинное слово '.repeat(600), []],
    ['Какую?', [[reply, link]]],
    ['Ваш телефон?', [[phone]]],
  ];
  for (const [text, buttons] of sends) {
    await product.api.settled(await product.api.send(conversation.id, text, [], buttons), 'sent');
  }
  control.bring(nina.press('matt'));
  nina.sendsDocument('счёт.txt', 'text/plain', paper(), 'счёт');
  await until('the document', async () => (await product.api.texts(conversation.id)).includes('счёт'));
  await until(
    'the press to be answered',
    () => control.calls('answerCallbackQuery').at(-1)?.outcome === 'ok',
  );
  await product.api.project('POST', `/connections/${connection.id}/check`);
  await product.api.project('PATCH', `/connections/${connection.id}`, { settings: { mode: 'polling' } });

  expect(proxy.refusals).toEqual([]);
  const methods = new Set(proxy.judged.map((one) => one.method));
  const expected = [
    'answerCallbackQuery',
    'deleteWebhook',
    'getFile',
    'getMe',
    'getWebhookInfo',
    'sendMessage',
    'setWebhook',
  ];
  expect([...methods].sort()).toEqual(expected);
  // Four messages of ours, the long one in three parts.
  expect(proxy.bodiesOf('sendMessage')).toHaveLength(6);
  expect([...proxy.unknown].every((method) => method === 'getUpdates')).toBe(true);
});

test('a wrong request of the product would be seen: the proxy does not let it through', async () => {
  const before = proxy.judged.length;
  const answer = await fetch(`${proxy.url}/bot${control.bot.token}/sendMessage`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ chat_id: 7 }),
  });
  expect(answer.status).toBe(422);
  expect(proxy.judged.slice(before).map((one) => one.status)).toContain(422);
  expect(control.calls('sendMessage').filter((line) => line.params.text === undefined)).toEqual([]);
});
