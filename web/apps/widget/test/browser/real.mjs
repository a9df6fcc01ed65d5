// The same widget against a running server:
// `node test/browser/real.mjs http://127.0.0.1:PORT INIT.json [FOLDER for pictures]`, INIT.json being what `otklik init` printed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { BROWSER } from './browser.mjs';
import { startHost } from './host.mjs';

const [, , chat, initFile, folder] = process.argv;
const { site_key, api_key, project_id } = JSON.parse(await readFile(initFile, 'utf8'));

async function api(method, path, body) {
  const answer = await fetch(`${chat}/api/v1/projects/${project_id}/${path}`, {
    method,
    headers: { Authorization: `Bearer ${api_key}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

const newest = async () => (await api('GET', 'conversations?folder=all')).items[0];

async function reply(text, rest = {}) {
  const { id } = await newest();
  return api('POST', `conversations/${id}/messages`, {
    client_id: crypto.randomUUID(),
    content: { text, ...rest },
  });
}

const browser = await chromium.launch(BROWSER);
const host = await startHost(chat, { head: `<script async src="${chat}/w.js?p=${site_key}"></script>` });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ru-RU' });
const page = await context.newPage();
const faults = [];
const scripts = [];
page.on('console', (line) => ['error', 'warning'].includes(line.type()) && faults.push(line.text()));
page.on('pageerror', (error) => faults.push(String(error)));
page.on('request', (request) => request.resourceType() === 'script' && scripts.push(request.url()));
await page.addInitScript(() => {
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.violatedDirective));
});
await page.goto(host.address);
const part = (selector, options) => page.locator(`otklik-chat ${selector}`, options);

async function say(text) {
  await part('textarea').fill(text);
  await part('textarea').press('Enter');
}

await part('.fab').click();
await say('«Луна 40» есть матовая?');
await part('.status.sent').waitFor();
await page.evaluate(() =>
  window.Chat('setClientInfo', { name: 'Нина', phone: '8 912 555-01-42', email: 'nina@mail.example' }),
);
await reply('Да, на складе **две**:', {
  buttons: [
    [
      { id: 'a', label: 'Четверг', kind: 'reply' },
      { id: 'b', label: 'Суббота', kind: 'reply' },
    ],
  ],
});
await part('.chip', { hasText: 'Суббота' }).click();
await part('.bubble', { hasText: /^Суббота$/ }).waitFor();

const png = await page.screenshot({ clip: { x: 0, y: 0, width: 320, height: 200 } });
await part('input[type=file]').setInputFiles([
  { name: 'цвет.png', mimeType: 'image/png', buffer: png },
  { name: 'план.txt', mimeType: 'text/plain', buffer: Buffer.from('план') },
]);
await page.waitForTimeout(800);
await say('вот цвет');
await part('.picture img').waitFor();
await part('.row .file', { hasText: 'план.txt' }).waitFor();
await page.waitForTimeout(400);
const { contact, id } = await newest();
const card = await api('GET', `contacts/${contact.id}`);
console.log('fields', JSON.stringify(card.fields));
console.log('picture width', await part('.picture img').evaluate((node) => node.naturalWidth));
if (folder) await page.screenshot({ path: `${folder}/real-open.png` });

await api('POST', `conversations/${id}/read`, { seq: (await newest()).seq });
await page.waitForTimeout(300);
console.log('after the operator has read:', await part('.status').last().innerText());

await page.keyboard.press('Escape');
await reply('Пока вас не было');
await part('.badge', { hasText: '1' }).waitFor();
await page.reload();
await part('.badge', { hasText: '1' }).waitFor();
await part('.fab').click();
await part('.bubble', { hasText: 'Пока вас не было' }).waitFor();
const texts = await part('.text').allTextContents();
console.log('after reload:', texts.join(' | '));
await page.waitForTimeout(500);
const messages = (await api('GET', `conversations/${id}/messages`)).items;
console.log(
  'states of operator messages:',
  messages
    .filter((m) => m.author.kind !== 'client' && m.kind === 'message')
    .map((m) => m.delivery?.status)
    .join(),
);
console.log('violations', JSON.stringify(await page.evaluate(() => window.violations)));
console.log('faults', JSON.stringify(faults));
console.log('scripts', new Set(scripts).size, 'cookies', (await context.cookies()).length);
await browser.close();
host.close();
