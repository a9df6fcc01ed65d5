import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { paper, picture } from './support/samples';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let desk: Desk;
let visitor: Watched;
let widget: Widget;
let opening = 0;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  desk = new Desk((await newPerson(browser)).page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  host?.stop();
  await product?.stop();
});

beforeEach(async () => {
  visitor = await newPerson(browser);
  widget = new Widget(visitor.page);
  await visitor.page.goto(host.url);
});

afterEach(async () => {
  expect(visitor.faults).toEqual([]);
  await visitor.context.close();
});

/** The visitor's first message, and the conversation it began. */
async function begin() {
  const hello = `Здравствуйте, это ${++opening}`;
  await widget.open();
  await widget.say(hello);
  return product.api.conversationWith(hello);
}

test('a message reaches the operator’s open desk, and the answer the open widget', async () => {
  const conversation = await begin();
  await desk.open(conversation.id);
  await widget.say('Есть «Луна 40»?');
  await desk.bubble('Есть «Луна 40»?').waitFor();
  await desk.say('Есть, две штуки');
  await widget.bubble('Есть, две штуки').waitFor();
  expect((await widget.texts()).slice(-2)).toEqual(['Есть «Луна 40»?', 'Есть, две штуки']);
});

test('what was read is marked as read on the other side', async () => {
  const conversation = await begin();
  await desk.open(conversation.id);
  await widget.part('.status.read').waitFor();
  await desk.say('Прочитали?');
  await desk.bubble('Прочитали?').locator('[data-delivery=read]').waitFor();
});

test('each side sees that the other is typing', async () => {
  const conversation = await begin();
  await desk.open(conversation.id);
  // A mark is not stored: it is said again while the typing goes on.
  await until('the operator to see it', async () => {
    await widget.field.pressSequentially('а');
    return desk.page.locator('.log .typing').isVisible();
  });
  await until('the visitor to see it', async () => {
    await desk.composer.pressSequentially('б');
    return widget.part('.typing').isVisible();
  });
});

test('with the server killed during twenty sends, all twenty arrive once and in order', async () => {
  const conversation = await begin();
  const wanted = Array.from({ length: 20 }, (_, at) => `сообщение ${at + 1}`);
  for (const [at, text] of wanted.entries()) {
    await widget.say(text);
    if (at === 6) await product.killHard();
  }
  expect((await widget.texts()).slice(-20)).toEqual(wanted);
  await product.run();
  await until('the last of them', async () =>
    (await product.api.texts(conversation.id)).includes('сообщение 20'),
  );
  expect((await product.api.texts(conversation.id)).slice(1)).toEqual(wanted);
  await until(
    'the widget to know',
    async () => (await widget.part('.status.queued, .status.sending').count()) === 0,
  );
  expect((await widget.texts()).slice(-20)).toEqual(wanted);
});

test('messages written without a connection survive a reload of the page', async () => {
  const conversation = await begin();
  await product.killHard();
  await widget.say('пережившее перезагрузку');
  await visitor.page.reload();
  await product.run();
  await until('the message', async () =>
    (await product.api.texts(conversation.id)).includes('пережившее перезагрузку'),
  );
  expect(await product.api.texts(conversation.id)).toHaveLength(2);
});

test('the history is there after a reload, in order', async () => {
  const conversation = await begin();
  const answer = `Ответ до перезагрузки ${opening}`;
  await product.api.send(conversation.id, answer);
  await widget.bubble(answer).waitFor();
  const before = await widget.texts();
  await visitor.page.reload();
  await widget.open();
  await widget.bubble(answer).waitFor();
  expect(await widget.texts()).toEqual(before);
});

test('a picture and a file of the visitor are shown to the operator', async () => {
  const conversation = await begin();
  await desk.open(conversation.id);
  await widget.part('input[type=file]').setInputFiles([
    { name: 'лампа.png', mimeType: 'image/png', buffer: Buffer.from(picture()) },
    { name: 'договор.txt', mimeType: 'text/plain', buffer: Buffer.from(paper('договор')) },
  ]);
  await widget.part('.upload progress').first().waitFor({ state: 'detached' });
  await widget.say('Посмотрите');
  const message = desk.bubble('Посмотрите');
  await until('the picture to be drawn', () =>
    message.locator('img').evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0),
  );
  const link = message.locator('a.file');
  expect(await link.getAttribute('download')).toBe('договор.txt');
  const address = product.origin + (await link.getAttribute('href'));
  expect(await (await link.page().request.get(address)).text()).toBe('договор');
  expect((await fetch(address)).status, 'without the session').toBe(404);
});

test('a picture of the operator is shown to the visitor', async () => {
  const conversation = await begin();
  await desk.open(conversation.id);
  const file = { name: 'образец.png', mimeType: 'image/png', buffer: Buffer.from(picture(80, 60)) };
  await desk.page.locator('.composer input[type=file]').setInputFiles(file);
  await desk.page.getByText('образец.png').first().waitFor();
  await until('the upload', () => desk.page.getByTestId('send').isEnabled());
  await desk.page.getByTestId('send').click();
  await until('the picture to be drawn', () =>
    widget.part('img').evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0),
  );
});

test('a closed widget counts what was not read', async () => {
  const conversation = await begin();
  await widget.close();
  await product.api.send(conversation.id, 'раз');
  await product.api.send(conversation.id, 'два');
  await until('the badge', async () => (await widget.badge.textContent()) === '2');
  expect(await widget.call('Chat', 'get', 'unread')).toBe(2);
  await widget.open();
  await widget.badge.waitFor({ state: 'hidden' });
  expect(await widget.call('Chat', 'get', 'unread')).toBe(0);
});

test('a press counts although what is pressed is drawn anew before it ends', async () => {
  const conversation = await begin();
  await widget.close();
  await product.api.send(conversation.id, 'раз');
  await widget.badge.waitFor();
  const { mouse } = visitor.page;
  for (const part of [widget.launcher, widget.badge]) {
    const { x, y, width, height } = (await part.boundingBox())!;
    await mouse.move(x + width / 2, y + height / 2);
    await mouse.down();
    await widget.call('Chat', 'setLocale', 'ru');
    await mouse.up();
    await widget.field.waitFor({ timeout: 5_000 });
    await widget.close();
    await product.api.send(conversation.id, 'два');
    await widget.badge.waitFor();
  }
});
