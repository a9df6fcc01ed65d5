import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { OtherSide } from './support/own-channel';
import { freePort } from './support/processes';
import { Product } from './support/product';
import { runPython } from './support/python';
import { until } from './support/wait';

let product: Product;
let side: OtherSide;
let browser: Browser;
let admin: Watched;
let desk: Desk;

beforeAll(async () => {
  [product, side, browser] = await Promise.all([Product.start(), OtherSide.start(), launchBrowser()]);
  admin = await newPerson(browser);
  desk = new Desk(admin.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await side?.stop();
  expect(admin?.faults).toEqual([]);
});

const dialog = () => desk.page.getByRole('dialog');
const card = () => desk.page.getByTestId('connection').filter({ hasText: ru.channel_own });
const shown = (label: string) => dialog().getByLabel(label).innerText();
const marina = { external_id: 'u-17', name: 'Марина', username: 'marina' };

const says = (external_id: string, text: string, saying = {}) =>
  side.say('message.created', { sender: marina, message: { external_id, text } }, saying);

/** Marina's only conversation. */
const talk = () => product.api.conversationWith('Есть в наличии?');
const count = async (text: string) =>
  (await product.api.texts((await talk()).id)).filter((one) => one === text).length;

test('is connected in the browser: what is wrong stands at its field, address and secret are shown', async () => {
  await desk.settings(product.made.project_id, 'channels');
  await desk.page.locator('[data-testid=channel-logo][data-kind=own]').click();
  await dialog().getByLabel(ru.bridge_url).fill('ftp://bridge.example');
  await dialog().getByRole('button', { name: ru.bridge_connect }).click();
  await dialog().locator('.error').filter({ hasText: ru.bridge_url_bad }).waitFor();
  await dialog().getByLabel(ru.bridge_url).fill(side.url);
  await dialog().getByLabel(ru.bridge_secret_own).fill('qwerty');
  await dialog().getByRole('button', { name: ru.bridge_connect }).click();
  await dialog().locator('.error').filter({ hasText: ru.bridge_secret_bad }).waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
  await dialog().getByLabel(ru.bridge_secret_own).fill('');
  await dialog().getByRole('button', { name: ru.bridge_connect }).click();
  await dialog().getByTestId('handover').waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
  const [hook, secret] = [await shown(ru.bridge_hook), await shown(ru.bridge_secret)];
  expect(hook).toMatch(new RegExp(`^${product.origin}/hooks/own/[\\w-]+$`));
  expect(secret).toMatch(/^whsec_/);
  await side.set({ hook, secret });
  await dialog().getByRole('button', { name: ru.done }).click();
  await card().getByText(ru.channel_unchecked).waitFor();
  expect(await desk.page.content()).not.toContain(secret);
});

test('is checked by a signed question', async () => {
  await card().getByRole('button', { name: ru.channel_check }).click();
  await until('the question', async () => (await side.calls('connection.check')).length === 1);
  await side.set({ answer: 500 });
  await card().getByRole('button', { name: ru.channel_check }).click();
  await card().getByText(ru.problem_bridge_not_reached).waitFor();
  await side.set({ answer: 200 });
  await card().getByRole('button', { name: ru.channel_check }).click();
  await card().getByText(ru.channel_active, { exact: true }).waitFor();
});

test('a message comes in, the answer goes out signed, and its receipts are shown', async () => {
  expect(await says('m-1', 'Есть в наличии?')).toEqual({ status: 200 });
  const conversation = await talk();
  expect(conversation.contact).toMatchObject({ name: 'Марина', handle: '@marina' });
  await desk.open(conversation.id);
  await desk.say('Да, две штуки');
  const [call] = await until('the answer', async () => {
    const found = await side.messages('Да, две штуки');
    return found.length > 0 && found;
  });
  expect(call?.data.recipient).toEqual({ external_id: 'u-17' });
  for (const status of ['delivered', 'read'] as const) {
    await side.say('delivery.updated', { message_id: call!.data.message_id, status });
    await desk.bubble('Да, две штуки').locator(`[data-delivery=${status}]`).waitFor();
  }
});

test('a repeated webhook-id is one message', async () => {
  for (let n = 0; n < 3; n++) {
    expect(await says('m-2', 'Только раз', { id: 'evt_same' })).toEqual({ status: 200 });
  }
  await says('m-3', 'После повторов');
  await until('the next message', async () => (await count('После повторов')) === 1);
  expect(await count('Только раз')).toBe(1);
});

test.each([
  { what: 'a wrong signature', saying: { spoil: true } },
  { what: 'a timestamp ten minutes old', saying: { minutes_off: -10 } },
  { what: 'a timestamp ten minutes ahead', saying: { minutes_off: 10 } },
])('$what is refused', async ({ what, saying }) => {
  expect(await says('m-no', what, saying)).toMatchObject({ status: 401, code: 'wrong_secret' });
  expect(await count(what)).toBe(0);
});

test('a button pressed arrives as its label, marked as pressed', async () => {
  const { id } = await talk();
  await product.api.send(id, 'Какую?', [], [[{ id: 'matt', label: 'Матовая', kind: 'reply' }]]);
  const [question] = await until('the question', async () => {
    const found = await side.messages('Какую?');
    return found.length > 0 && found;
  });
  expect(question?.data.buttons).toMatchObject([[{ id: 'matt', label: 'Матовая' }]]);
  await desk.open(id);
  await side.say('button.pressed', { sender: marina, button: { id: 'matt' } });
  const pressed = desk.page.getByTestId('message').filter({ has: desk.page.getByTestId('pressed') });
  await pressed.filter({ hasText: 'Матовая' }).waitFor();
  expect(await axeFindings(desk.page)).toEqual([]);
});

test('files come and go by address', async () => {
  const attachments = [{ url: `${side.origin}/file.txt`, name: 'заказ.txt', mime: 'text/plain' }];
  const message = { external_id: 'm-file', text: 'Вот заказ', attachments };
  await side.say('message.created', { sender: marina, message });
  await until('the file', async () => (await count('Вот заказ')) === 1);
  const stored = (await product.api.messages((await talk()).id)).find((m) => m.content.text === 'Вот заказ');
  const url = new URL(stored!.content.attachments[0]!.url, product.origin);
  expect(await (await fetch(url)).text()).toContain('of the other side');
  const file = await product.api.upload('счёт.txt', 'text/plain', new TextEncoder().encode('Счёт 48'));
  await product.api.send((await talk()).id, 'Счёт', [file.id]);
  const [call] = await until('the file to go out', async () => {
    const found = await side.messages('Счёт');
    return found.length > 0 && found;
  });
  expect(call?.data.attachments).toMatchObject([{ name: 'счёт.txt', size: 11 }]);
  expect(await (await fetch(call!.data.attachments[0]!.url)).text()).toBe('Счёт 48');
});

test('who opens the bot stands in a line of words', async () => {
  const oleg = { external_id: 'u-18', name: 'Олег' };
  expect(await side.say('contact.started', { sender: oleg })).toEqual({ status: 200 });
  const conversation = await until('the conversation', async () =>
    (await product.api.conversations()).find(({ contact }) => contact.name === 'Олег'),
  );
  await desk.open(conversation.id);
  await desk.page.getByTestId('event').filter({ hasText: ru.event_started }).waitFor();
});

test('a new secret ends the old one at once', async () => {
  const before = ((await side.set({})) as { secret: string }).secret;
  await desk.settings(product.made.project_id, 'channels');
  await card().getByRole('button', { name: ru.bridge_renew }).click();
  await dialog()
    .getByTestId('typed-name')
    .fill(await card().locator('h2').innerText());
  await dialog().getByRole('button', { name: ru.bridge_renew }).click();
  await dialog().getByTestId('handover').waitFor();
  const secret = await shown(ru.bridge_secret);
  expect(secret).not.toBe(before);
  await dialog().getByRole('button', { name: ru.done }).click();
  expect(await says('m-old', 'Старым секретом')).toMatchObject({ status: 401, code: 'wrong_secret' });
  await card().getByRole('button', { name: ru.channel_check }).click();
  await card().getByText(ru.problem_bridge_bad_token).waitFor();
  await side.set({ secret });
  expect(await says('m-new', 'Новым секретом')).toEqual({ status: 200 });
  await until('the message', async () => (await count('Новым секретом')) === 1);
  expect(await count('Старым секретом')).toBe(0);
  await card().getByRole('button', { name: ru.channel_check }).click();
  await card().getByText(ru.channel_active, { exact: true }).waitFor();
});

test('the program in the guide works as it stands', async () => {
  const guide = readFileSync(new URL('../../docs/guides/own-channel.md', import.meta.url), 'utf8');
  const program = /```python\n([^]+?)```/.exec(guide)?.[1];
  const port = await freePort();
  const { hook_url, secret } = await product.api.project<{ hook_url: string; secret: string }>(
    'POST',
    '/connections',
    { kind: 'own', title: 'Из руководства', settings: { url: `http://127.0.0.1:${port}/` } },
  );
  const typed = `import io, sys; sys.stdin = io.StringIO("Пишу по руководству")\n${program}`;
  const env = { OTKLIK_HOOK: hook_url, OTKLIK_SECRET: secret, PORT: String(port) };
  const child = runPython('the guide’s program', ['-c', typed], env);
  const { id } = await product.api.conversationWith('Пишу по руководству');
  await product.api.settled(await product.api.send(id, 'Ответ по руководству'), 'delivered');
  expect(child.output).toContain('u-17 < Ответ по руководству');
  await child.kill();
});
