import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withConfig } from './support/appearance';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

const NAME = { key: 'name', title: 'Имя', kind: 'text', required: true };
const PHONE = { key: 'phone', title: 'Телефон', kind: 'phone', required: false };
const CONSENT = {
  text: 'Я согласен на обработку персональных данных.',
  text_en: 'I agree to my data being processed.',
  url: 'https://shop.example/privacy',
  required: true,
};

let product: Product;
let host: HostPage;
let browser: Browser;
let visitor: Watched;
let widget: Widget;
let talks = 0;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
});

afterAll(async () => {
  await browser?.close();
  host?.stop();
  await product?.stop();
});

beforeEach(() => come());

afterEach(async () => {
  expect(visitor.faults).toEqual([]);
  await visitor.context.close();
});

async function come(options: Parameters<typeof newPerson>[1] = {}) {
  await visitor?.context.close();
  visitor = await newPerson(browser, options);
  widget = new Widget(visitor.page);
}

async function visit(appearance: object, top: object = {}, path = '') {
  await withConfig(visitor.page, appearance as never, top as never);
  await visitor.page.goto(host.url + path);
}

const picture = (name: string) => shot(visitor.page, name);
const colourOf = (part: string) =>
  widget.part(part).evaluate((node) => getComputedStyle(node).backgroundColor);

describe('the look', () => {
  test('a theme holds whatever the visitor’s system says, and follows the page’s call', async () => {
    await visit({ theme: 'dark' });
    await widget.open();
    expect(await colourOf('.panel')).toBe('rgb(24, 25, 27)');
    await widget.call('Chat', 'setTheme', 'light');
    await until('the light panel', async () => (await colourOf('.panel')) === 'rgb(255, 255, 255)');
    await widget.call('Chat', 'setTheme', 'auto');
    await visitor.page.emulateMedia({ colorScheme: 'dark' });
    expect(await colourOf('.panel')).toBe('rgb(24, 25, 27)');
  });

  test('another picture, and its distance from the corner', async () => {
    await visit({ icon: 'heart', offset: { x: 60, y: 90 } });
    await widget.launcher.waitFor();
    const { x, y, width, height } = (await widget.launcher.boundingBox())!;
    expect([1440 - x - width, 900 - y - height]).toEqual([60, 90]);
    expect(await widget.part('.fab path').getAttribute('d')).toMatch(/^M12 20c-4/);
    await widget.open();
    const panel = (await widget.part('.panel').boundingBox())!;
    expect(1440 - panel.x - panel.width).toBe(60);
    expect(panel.y + panel.height).toBeLessThan(y);
  });

  test('words of the visitor’s language, and who is shown until somebody answers', async () => {
    const operator = { name: 'Анна', name_en: 'Anna', photo_url: '/demo/pictures/mark.svg' };
    const texts = { title: 'Лавка', title_en: 'Shop', greeting: 'Здравствуйте', greeting_en: 'Hello there' };
    await visit({ ...texts, operator });
    await widget.open();
    expect(await widget.part('h2').innerText()).toBe('Анна, «Лавка»');
    await until('the photo', () =>
      widget.part('header img').evaluate((node) => (node as HTMLImageElement).naturalWidth > 0),
    );
    await widget.bubble('Здравствуйте').waitFor();
    await widget.call('Chat', 'setLocale', 'en');
    await widget.bubble('Hello there').waitFor();
    expect(await widget.part('h2').innerText()).toBe('Anna, Лавка');
    await picture('operator');
    await widget.call('Chat', 'receiveMessage', 'Hi', 'Пётр');
    await until('the one who answers', async () => (await widget.part('h2').innerText()).startsWith('Пётр'));
    expect(await widget.part('header img').count()).toBe(0);
  });
});

describe('forms of the owner', () => {
  const before = { text: 'Так мы ответим быстрее', text_en: '', fields: [NAME, PHONE] };

  test('before the chat: the fields, then the composer, and never again', async () => {
    await visit({}, { forms: { before, offline: null } });
    await widget.launcher.click();
    const form = widget.part('.call');
    await form.waitFor();
    expect(await widget.field.isHidden()).toBe(true);
    expect(await form.getByLabel('Имя').evaluate((node) => node.matches(':focus'))).toBe(true);
    expect(await axeFindings(visitor.page)).toEqual([]);
    await picture('before');
    await form.getByLabel('Имя').press('Enter');
    await form.waitFor();
    await form.getByLabel('Имя').fill('Нина Форм');
    await form.getByLabel('Имя').press('Enter');
    await widget.field.waitFor();
    await until('the client’s name', async () =>
      (await product.api.contacts()).some(({ name }) => name === 'Нина Форм'),
    );
    await visitor.page.reload();
    await widget.open();
    expect(await form.count()).toBe(0);
  });

  test('what the server refuses comes back with its reason', async () => {
    const fields = [{ key: 'no_such_field', title: 'Телефон', kind: 'text', required: true }];
    await visit({}, { forms: { before: { ...before, fields }, offline: null } });
    await widget.launcher.click();
    await widget.part('.call input').fill('не номер');
    await widget.part('.call input').press('Enter');
    await widget.part('.call [role=alert]').waitFor();
    expect(await widget.part('.call input').inputValue()).toBe('не номер');
  });

  test('nobody is there: fields and a message, which an operator reads', async () => {
    const offline = { text: 'Ответим завтра с девяти', text_en: '', fields: [NAME] };
    await visit({}, { forms: { before: null, offline } });
    await widget.launcher.click();
    const form = widget.part('.call');
    await form.getByText('Ответим завтра с девяти').waitFor();
    await picture('offline');
    await form.getByLabel('Имя').fill('Олег');
    const words = `Есть ли «Луна»? ${++talks}`;
    await form.getByLabel('Сообщение').fill(words);
    await form.getByRole('button', { name: 'Отправить' }).click();
    await widget.bubble(words).waitFor();
    await widget.field.waitFor();
    const conversation = await product.api.conversationWith(words);
    await until('the name on the card', async () => {
      return (await product.api.contact(conversation.contact_id)).name === 'Олег';
    });
  });
});

describe('consent', () => {
  test('nothing leaves before the box is ticked, and the tick is remembered', async () => {
    await visit({ consent: CONSENT });
    await widget.open();
    const box = widget.part('.agree input');
    await box.waitFor();
    const words = `Без галочки ${++talks}`;
    await widget.say(words);
    expect(await widget.field.inputValue()).toBe(words);
    await until('the box to be pointed at', () => box.evaluate((node) => node.matches(':focus')));
    expect(await axeFindings(visitor.page)).toEqual([]);
    await picture('consent');
    // What a page sends for its visitor waits for the visitor, too.
    await widget.call('Chat', 'send', `Со страницы ${talks}`);
    await visitor.page.waitForTimeout(600);
    const seen = await product.api.conversations();
    const texts = await Promise.all(seen.map(({ id }) => product.api.texts(id)));
    expect(texts.flat().join()).not.toContain('Со страницы');
    await box.check();
    await widget.field.press('Enter');
    await product.api.conversationWith(words);
    await visitor.page.reload();
    await widget.open();
    expect(await box.count()).toBe(0);
  });

  test('a line without a box only tells', async () => {
    await visit({ consent: { ...CONSENT, required: false } });
    await widget.open();
    await widget.part('.agree').waitFor();
    expect(await widget.part('.agree a').getAttribute('href')).toBe('https://shop.example/privacy');
    const words = `Со строкой ${++talks}`;
    await widget.say(words);
    await product.api.conversationWith(words);
  });

  test('the page’s own consent: no line and nothing stored before, all of it after', async () => {
    const sockets: string[] = [];
    visitor.page.on('websocket', (socket) => sockets.push(socket.url()));
    await visitor.page.addInitScript(() => {
      Object.assign(window, { ChatSetup: { consent: 'pending' } });
    });
    await visit({});
    await widget.open();
    const words = `До согласия ${++talks}`;
    await widget.say(words);
    await widget.part('.banner').waitFor();
    const kept = () =>
      visitor.page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('otklik:')));
    expect([sockets, await kept()]).toEqual([[], []]);
    await picture('held');
    await widget.call('Chat', 'setConsent', 'granted');
    await product.api.conversationWith(words);
    expect((await kept()).length).toBeGreaterThan(0);
    await widget.call('Chat', 'setConsent', 'denied');
    await until('the storage to be empty', async () => (await kept()).length === 0);
    expect(await widget.part('.bubble').count()).toBe(0);
  });
});

describe('where it is not shown', () => {
  test('by pages of a single-page site, and the page’s word is stronger', async () => {
    await visit({ hidden: { pages: ['/cart*'], devices: [] } });
    await widget.launcher.waitFor();
    await visitor.page.evaluate(() => history.pushState({}, '', '/cart/pay'));
    await widget.launcher.waitFor({ state: 'hidden' });
    await visitor.page.evaluate(() => history.pushState({}, '', '/catalogue'));
    await widget.launcher.waitFor();
    await widget.call('Chat', 'page', { url: `${host.url}cart` });
    await widget.launcher.waitFor({ state: 'hidden' });
    await visitor.page.evaluate(() => history.pushState({}, '', '/about'));
    await widget.launcher.waitFor();
    await visitor.page.evaluate(() => history.pushState({}, '', '/cart'));
    await widget.launcher.waitFor({ state: 'hidden' });
    await widget.call('Chat', 'show');
    await widget.launcher.waitFor();
  });

  test('by devices', async () => {
    await visit({ hidden: { pages: [], devices: ['desktop'] } });
    await until('the extras', () => widget.part('.bar').count());
    await visitor.page.waitForTimeout(400);
    expect(await widget.launcher.isHidden()).toBe(true);
  });
});

test('an operator’s word is heard where nobody looks, after a touch of the page', async () => {
  const said: string[] = [];
  visitor.page.on('console', (line) => said.push(line.text()));
  // Told by the page itself: whatever is asked of it from here counts as a touch.
  await visitor.page.addInitScript(() => {
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (when) {
      console.log('tone');
      start.call(this, when);
    };
    const queue = [
      ['setCallback', 'unread', () => console.log('unread')],
      ['receiveMessage', 'Раз', 'Анна'],
    ];
    Object.assign(window, { Chat: Object.assign(() => {}, { q: queue }) });
  });
  await visit({});
  const tones = () => said.filter((line) => line === 'tone').length;
  await until('the first word', () => said.includes('unread'));
  await visitor.page.waitForTimeout(500);
  expect(tones()).toBe(0);
  await visitor.page.locator('h1').click();
  await widget.call('Chat', 'receiveMessage', 'Два', 'Анна');
  await until('two tones', () => tones() === 2);
  await widget.open();
  await widget.call('Chat', 'receiveMessage', 'Три', 'Анна');
  await widget.bubble('Три').waitFor();
  expect(tones()).toBe(2);
});
