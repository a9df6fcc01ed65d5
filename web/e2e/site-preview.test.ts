import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, resolve } from 'node:path';
import type { Browser, FrameLocator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { until } from './support/wait';

/** The preview page as the server sends it, in a frame as the desk has it. It needs no server: that is its point. */

const DIST = resolve(import.meta.dirname, '../apps/widget/dist');
const POLICY =
  "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; " +
  "frame-ancestors 'self'; form-action 'none'";
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };
const DESK = `<!doctype html><link rel="icon" href="data:,"><body style="margin:0"><input>
  <iframe sandbox="allow-scripts" src="/preview/site" style="border:0;width:1000px;height:700px"></iframe>
  <script>addEventListener('message', (event) => (window.told = event.data))</script>`;

const APPEARANCE = {
  title: 'Тихий свет',
  title_en: 'Quiet Light',
  greeting: 'Здравствуйте',
  greeting_en: 'Hello',
  brand: '#2f5d4a',
  side: 'right',
  locale: 'auto',
  menu: 'opened',
};
const CONFIG = {
  version: 1,
  project: { name: 'Тихий свет' },
  off: false,
  operators_online: true,
  reply_minutes: 3,
  telegram: null,
  time_zone: 'Europe/Moscow',
  menu_buttons: [],
  forms: { before: null, offline: null },
};

let server: Server;
let browser: Browser;
let desk: Watched;
let frame: FrameLocator;
let asked: string[];
let complaints: string[];

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://desk').pathname;
    asked.push(path);
    if (path === '/desk') return response.setHeader('Content-Type', 'text/html').end(DESK);
    const name = path === '/preview/site' ? 'preview.html' : path.replace(/^\/(preview\/)?/, '');
    response.setHeader('Content-Type', `${TYPES[extname(name)]}; charset=utf-8`);
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (name === 'preview.html') response.setHeader('Content-Security-Policy', POLICY);
    readFile(resolve(DIST, name)).then(
      (text) => response.end(text),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

beforeEach(async () => {
  asked = [];
  complaints = [];
  desk = await newPerson(browser);
  const { page } = desk;
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/desk`);
  await until('the preview to be ready', () =>
    page.evaluate(
      () => (window as unknown as { told?: { type: string } }).told?.type === 'otklik-preview-ready',
    ),
  );
  frame = page.frameLocator('iframe');
});

afterEach(async () => {
  expect([desk.faults, complaints]).toEqual([[], []]);
  await desk.context.close();
});

interface Shown {
  appearance?: object;
  config?: object;
  locale?: 'ru' | 'en';
  theme?: 'light' | 'dark';
  online?: boolean;
  isOpen?: boolean;
}

function post({ appearance = {}, config = {}, ...rest }: Shown) {
  const shown = { locale: 'ru', theme: 'light', online: true, isOpen: true, ...rest };
  const told = {
    type: 'otklik-preview',
    ...shown,
    config: { ...CONFIG, ...config, appearance: { ...APPEARANCE, ...appearance } },
  };
  return desk.page.evaluate(
    (message) => document.querySelector('iframe')!.contentWindow!.postMessage(message, '*'),
    told,
  );
}

const background = (part: string) =>
  frame.locator(`otklik-chat ${part}`).evaluate((node) => getComputedStyle(node).backgroundColor);

test('every edit is seen at once, the real widget draws it, and nothing leaves the frame', async () => {
  await desk.page.locator('input').focus();
  await post({});
  const panel = frame.locator('otklik-chat .panel');
  await panel.getByText('Здравствуйте').waitFor();
  await post({ appearance: { brand: '#7a3d2b' } });
  await until('the other brand', async () => (await background('.fab')) === 'rgb(122, 61, 43)');
  await post({ locale: 'en', theme: 'dark', online: false });
  await panel.getByText('Hello').waitFor();
  expect(await background('.panel')).toBe('rgb(24, 25, 27)');
  expect(await panel.locator('header p').innerText()).toBe('Away now, the answer will come here');
  expect(await frame.locator('h2', { hasText: 'New in November' }).count()).toBe(1);
  // Each edit takes the former widget away, and what belongs to it does not put it back.
  expect(await frame.locator('otklik-chat').count()).toBe(1);
  await post({ isOpen: false });
  await panel.waitFor({ state: 'hidden' });
  // Whoever edits keeps the focus, and no server was asked.
  expect(await desk.page.evaluate(() => document.activeElement!.tagName)).toBe('INPUT');
  expect(asked.filter((path) => /^\/(w\/v1|api)/.test(path))).toEqual([]);
});

test('a visitor’s steps can be tried: words, a form, a link that leads nowhere', async () => {
  const fields = [{ key: 'name', title: 'Имя', kind: 'text', required: true }];
  const link = {
    id: 'mbt_1',
    label: { ru: 'Каталог' },
    colour: null,
    image: null,
    hours: null,
    devices: [],
    target: { kind: 'link', url: 'https://shop.example/', new_tab: false },
  };
  const before = { text: 'Так быстрее', text_en: '', fields };
  await post({ config: { forms: { before, offline: null }, menu_buttons: [link] } });
  const chat = frame.locator('otklik-chat');
  await chat.getByLabel('Имя').fill('Нина');
  await chat.getByRole('button', { name: 'Начать чат' }).click();
  await chat.locator('textarea').fill('Есть «Луна»?');
  await chat.locator('textarea').press('Enter');
  await chat.getByText('Отправлено').waitFor();
  await chat.locator('.pill').click();
  await chat.getByText('Есть «Луна»?').waitFor();
});
