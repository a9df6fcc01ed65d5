import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { ChatPage } from './support/chat-page';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { LOOKS } from './support/looks';
import { Product } from './support/product';
import { readQr } from './support/qr';
import { lookName, shot } from './support/shot';
import { until } from './support/wait';

let product: Product;
let browser: Browser;
let chat: ChatPage;
let desk: Desk;
let talks = 0;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  chat = new ChatPage(browser, product);
  const owner = await newPerson(browser);
  desk = new Desk(owner.page, product.origin);
  await desk.signIn();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

afterEach(async () => {
  expect(await chat.leave()).toEqual([]);
});

const project = (values: object) => product.api.call('PATCH', `/projects/${product.made.project_id}`, values);

/** What the page has asked of a server since now. */
function requestsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  return asked;
}

describe('the link in the desk', () => {
  test('is copied, opens the chat, and carries words both ways', async () => {
    await desk.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await desk.settings(product.made.project_id, 'install');
    const section = desk.page.locator('.card').filter({ hasText: ru.install_link_text });
    await section.getByRole('button', { name: ru.copy }).click();
    const link = await desk.page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(chat.address);
    expect(await section.getByRole('link', { name: ru.install_link_open }).getAttribute('href')).toBe(link);

    const visitor = await chat.visitor({ width: 1280 });
    await visitor.page.goto(link);
    await visitor.field.waitFor();
    const head = visitor.page.locator('head');
    expect(await visitor.page.title()).toBe('Лавка');
    expect(await head.locator('meta[property="og:title"]').getAttribute('content')).toBe('Лавка');
    expect(await head.locator('meta[name=robots]').getAttribute('content')).toBe('noindex');

    const words = `По ссылке ${++talks}`;
    await visitor.say(words);
    const { id } = await product.api.conversationWith(words);
    await desk.open(id);
    await desk.bubble(words).waitFor();
    await desk.say(`Здравствуйте ${talks}`);
    await visitor.bubble(`Здравствуйте ${talks}`).waitFor();
  });

  test('is in the QR code, on the page in either theme and in both files', async () => {
    const { page } = desk;
    const context = page.context();
    await desk.settings(product.made.project_id, 'install');
    const code = page.getByRole('img', { name: ru.install_link_qr });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const picture = await readQr(context, await code.screenshot(), 'image/png');
      expect(picture.text).toBe(`${chat.address}?source=qr`);
    }
    const saved = async (kind: 'SVG' | 'PNG') => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: ru.install_link_save.replace('{kind}', kind) }).click(),
      ]);
      expect(file.suggestedFilename()).toBe(`QR Лавка.${kind.toLowerCase()}`);
      return readFile(await file.path());
    };
    const svg = await readQr(context, await saved('SVG'), 'image/svg+xml');
    expect(svg.text).toBe(`${chat.address}?source=qr`);
    const png = await readQr(context, await saved('PNG'), 'image/png');
    expect(png).toEqual({ width: 1024, height: 1024, text: `${chat.address}?source=qr` });
  });

  test('tells the server with what address it was opened', async () => {
    const visitor = await chat.visitor();
    const frames: string[] = [];
    visitor.page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => frames.push(String(payload))),
    );
    await visitor.page.goto(`${chat.address}?source=qr`);
    await until('the first frame', () => frames.some((frame) => frame.includes('"auth"')));
    expect(frames.join()).toContain('?source=qr');
  });
});

describe('the chat over the whole window', () => {
  test('is a column in the middle of a wide one and all of a narrow one, without a launcher', async () => {
    const visitor = await chat.open('', { width: 1280, height: 800 });
    const box = async () => (await visitor.part('.panel').boundingBox())!;
    expect(await box()).toEqual({ x: 280, y: 24, width: 720, height: 752 });
    await visitor.page.setViewportSize({ width: 390, height: 844 });
    await until('the whole screen', async () => (await box()).width === 390);
    expect(await box()).toEqual({ x: 0, y: 0, width: 390, height: 844 });
    expect(await visitor.part('.panel').evaluate((panel) => getComputedStyle(panel).borderRadius)).toBe(
      '0px',
    );
    expect(await visitor.launcher.isHidden()).toBe(true);
    await visitor.field.press('Escape');
    expect(await visitor.field.isVisible()).toBe(true);
  });

  test('follows the visible part where a keyboard lies over the page, as on iPhones', async () => {
    const visitor = await chat.visitor({ width: 390, height: 844 });
    const { page } = visitor;
    type Seen = EventTarget & { height: number; offsetTop: number; scale: number };
    await page.addInitScript(() => {
      const seen = Object.assign(new EventTarget(), { height: 844, offsetTop: 0, scale: 1 });
      Object.defineProperty(window, 'visualViewport', { value: seen });
    });
    await page.goto(chat.address);
    await visitor.field.waitFor();
    const see = (height: number, offsetTop: number) =>
      page.evaluate(
        (changed) => {
          const seen = Object.assign(window.visualViewport as unknown as Seen, changed);
          seen.dispatchEvent(new Event('resize'));
        },
        { height, offsetTop },
      );
    const place = async () => {
      const { y, height } = (await visitor.part('.panel').boundingBox())!;
      return [y, height];
    };
    await see(500, 60);
    expect(await place()).toEqual([60, 500]);
    await see(844, 0);
    expect(await place()).toEqual([0, 844]);
  });

  test('works though the list of allowed sites does not name it', async () => {
    const host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
    await project({ allowed_origins: ['https://shop.example'] });
    try {
      const foreign = await chat.visitor();
      const refused = foreign.page.waitForEvent('requestfailed', (asked) =>
        asked.url().includes('/w/v1/config'),
      );
      await foreign.page.goto(host.url);
      await refused;
      const visitor = await chat.open();
      const words = `Мимо списка ${++talks}`;
      await visitor.say(words);
      const { id } = await product.api.conversationWith(words);
      await product.api.send(id, `Ответ ${talks}`);
      await visitor.bubble(`Ответ ${talks}`).waitFor();
    } finally {
      await project({ allowed_origins: [] });
      host.stop();
    }
  });

  test('speaks the browser’s language, the company’s where it has chosen one, and the link’s before all', async () => {
    const spoken = async (query: string, locale: string) => {
      const visitor = await chat.open(query, { locale });
      return visitor.part('.panel').getAttribute('lang');
    };
    expect(await spoken('', 'ru-RU')).toBe('ru');
    expect(await spoken('', 'en-GB')).toBe('en');
    expect(await spoken('?lang=en', 'ru-RU')).toBe('en');
    await project({ appearance: { locale: 'ru' } });
    expect(await spoken('', 'en-GB')).toBe('ru');
    expect(await spoken('?lang=en', 'en-GB')).toBe('en');
    await project({ appearance: { locale: 'auto' } });
  });

  test('takes the company’s name for text, whatever is in it', async () => {
    const name = `Лавка "Тихий свет" </title><img src=x onerror=alert(1)> & Ко`;
    await project({ name });
    const visitor = await chat.open();
    expect(await visitor.page.title()).toBe(name);
    expect(await visitor.page.getByRole('heading', { level: 1 }).textContent()).toBe(name);
    const shared = visitor.page.locator('meta[property="og:title"]');
    expect(await shared.getAttribute('content')).toBe(name);
    expect(await visitor.page.locator('body > img, head > img').count()).toBe(0);
    await project({ name: 'Лавка' });
  });

  test('says that it is switched off', async () => {
    const { items } = await product.api.project<{ items: { id: string; kind: string }[] }>(
      'GET',
      '/connections',
    );
    const path = `/connections/${items.find(({ kind }) => kind === 'site')!.id}`;
    await product.api.project('PATCH', path, { status: 'off' });
    const visitor = await chat.visitor();
    await visitor.page.goto(chat.address);
    await visitor.part('.banner').getByText('Чат на сайте сейчас выключен').waitFor();
    expect(await visitor.field.isHidden()).toBe(true);
    await product.api.project('PATCH', path, { status: 'active' });
  });

  test('says when it does not load, and loads when it is asked again', async () => {
    const visitor = await chat.visitor();
    await visitor.page.route('**/w.js*', (route) => route.abort());
    await visitor.page.goto(chat.address);
    const again = visitor.page.getByRole('button', { name: 'Загрузить ещё раз' });
    await again.waitFor();
    await visitor.page.unroute('**/w.js*');
    await again.click();
    await visitor.field.waitFor();
    expect(await again.isHidden()).toBe(true);
  });
});

describe('a scenario in the link', () => {
  async function scenario(text: string): Promise<string> {
    const block = { id: 'b1', type: 'message', settings: { text, wait: { expect: 'any' } } };
    const document = { schema: 1, launch: [{ kind: 'api', to: 'b1' }], edges: [], blocks: [block] };
    const body = { name: text, document };
    const { id } = await product.api.project<{ id: string }>('POST', '/scenarios', body);
    await product.api.project('POST', `/scenarios/${id}/publish`, { revision: 1 });
    return id;
  }

  test('begins when the link is opened, and not when the page is loaded anew', async () => {
    const text = `Какой у вас заказ ${++talks}`;
    const id = await scenario(text);
    const visitor = await chat.open(`?scenario=${id}`);
    await visitor.bubble(text).waitFor();
    await visitor.say('1042');
    await visitor.bubble('1042').waitFor();
    await visitor.page.reload();
    await visitor.bubble('1042').waitFor();
    const after = `Ещё вопрос ${talks}`;
    await visitor.say(after);
    const conversation = await product.api.conversationWith(after);
    const said = await product.api.texts(conversation.id);
    expect(said.filter((line) => line === text)).toEqual([text]);
  });

  test('that is unknown says nothing to the visitor', async () => {
    const visitor = await chat.open('?scenario=scn_00000000000000000000000000');
    const words = `Без сценария ${++talks}`;
    await visitor.say(words);
    await product.api.conversationWith(words);
    await visitor.bubble(words).waitFor();
    expect(await visitor.texts()).toEqual([words]);
    expect(await visitor.part('.banner').isHidden()).toBe(true);
  });
});

describe.each(LOOKS)('axe has nothing serious to say: $locale, dark $dark, $width', (look) => {
  const { locale, dark, width } = look;
  const words = locale === 'ru' ? ru : en;
  const person = { dark, width, height: 844, locale: locale === 'ru' ? 'ru-RU' : 'en-GB' };
  const name = `${lookName({ locale, dark, width })}`;

  test('of the chat', async () => {
    const visitor = await chat.open('', person);
    await visitor.say('Вы работаете 3 января?');
    await visitor.bubble('3 января').waitFor();
    expect(await axeFindings(visitor.page)).toEqual([]);
    await shot(visitor.page, `chat-page-${name}`);
  });

  test('of a link that leads nowhere: a page in words that loads nothing', async () => {
    const { page } = await chat.visitor(person);
    const asked = requestsOf(page);
    const answer = await page.goto(`${product.origin}/chat/nobody`);
    expect(answer!.status()).toBe(404);
    const title = locale === 'ru' ? 'Такого чата нет' : 'There is no such chat';
    const heading = page.getByRole('heading', { level: 1 });
    expect(await heading.allTextContents()).toEqual([title]);
    expect(await page.title()).toBe(title);
    expect(await axeFindings(page)).toEqual([]);
    expect(asked.filter((path) => path.startsWith('/w'))).toEqual([]);
    await shot(page, `chat-page-unknown-${name}`);
  });

  test('of the link in the desk', async () => {
    const { page } = await chat.visitor(person);
    const own = new Desk(page, product.origin);
    await own.signIn();
    await own.changeMe({ locale });
    await own.settings(product.made.project_id, 'install');
    const code = page.getByRole('img', { name: words.install_link_qr });
    await code.scrollIntoViewIfNeeded();
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(false);
    await shot(page, `chat-link-${name}`);
    await own.changeMe({ locale: 'ru' });
  });
});
