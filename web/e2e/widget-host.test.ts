import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { HostPage, policyFor, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let visitor: Watched;
let widget: Widget;
let requests: { url: string; type: string }[];
let complaints: string[];
let talks = 0;

interface Probe {
  violations: string[];
  shifts: number;
  before: string[];
}
type ProbedWindow = Window & { probe: Probe };

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const snippet = snippetOf(product.origin, product.made.site_key);
  host = await HostPage.start(snippet, policyFor(product.origin).replace('img-src', 'img-src data:'));
});

afterAll(async () => {
  await browser?.close();
  host?.stop();
  await product?.stop();
});

beforeEach(async () => {
  visitor = await newPerson(browser);
  const { page } = visitor;
  widget = new Widget(page);
  requests = [];
  complaints = [];
  page.on('request', (request) => requests.push({ url: request.url(), type: request.resourceType() }));
  page.on('websocket', (socket) => requests.push({ url: socket.url(), type: 'websocket' }));
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') complaints.push(line.text());
  });
  await page.addInitScript(() => {
    const probe: Probe = { violations: [], shifts: 0, before: Object.keys(window) };
    document.addEventListener('securitypolicyviolation', (event) =>
      probe.violations.push(event.violatedDirective),
    );
    new PerformanceObserver((list) => {
      // As the metric is defined: what follows a person's own action within half a second does not count.
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
        if (!entry.hadRecentInput) probe.shifts += entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
    (window as unknown as ProbedWindow).probe = probe;
  });
  await page.goto(host.url);
  await widget.launcher.waitFor();
});

afterEach(async () => {
  expect(visitor.faults).toEqual([]);
  await visitor.context.close();
});

const probe = () =>
  visitor.page.evaluate(() => {
    const { violations, shifts, before } = (window as unknown as ProbedWindow).probe;
    return { violations, shifts, added: Object.keys(window).filter((name) => !before.includes(name)) };
  });

const scripts = () => requests.filter((request) => request.type === 'script').map((request) => request.url);

async function talk() {
  await widget.open();
  const hello = `Добрый день, это ${++talks}`;
  await widget.say(hello);
  const conversation = await product.api.conversationWith(hello);
  await product.api.send(conversation.id, 'Здравствуйте');
  await widget.bubble('Здравствуйте').waitFor();
}

test('one script before opening, at most three after, and one that operators’ list of visitors needs', async () => {
  const [first, ...later] = scripts();
  expect(first).toBe(`${product.origin}/w.js?p=${product.made.site_key}`);
  const isPresence = (url: string) => url.startsWith(`${product.origin}/w/presence-`);
  expect(later.filter((url) => !isPresence(url))).toEqual([]);
  await talk();
  expect(scripts().filter((url) => !isPresence(url)).length).toBeLessThanOrEqual(3);
});

test('nothing is asked of any other host, and no cookie is set', async () => {
  await talk();
  const allowed = [new URL(host.url).host, new URL(product.origin).host];
  const strange = requests.filter(
    ({ url }) => !url.startsWith('data:') && !allowed.includes(new URL(url).host),
  );
  expect(strange).toEqual([]);
  expect(await visitor.context.cookies()).toEqual([]);
});

test('a page with the strictest policy has nothing to complain about', async () => {
  await talk();
  expect((await probe()).violations).toEqual([]);
  expect(complaints).toEqual([]);
});

test('the page does not move, and gets no other global than the widget’s two names', async () => {
  await talk();
  const { shifts, added } = await probe();
  // The metric is read in thousandths; a delivery word that changes inside the panel weighs a hundredth of that.
  expect(shifts).toBeLessThan(0.0005);
  expect(added.filter((name) => name !== 'probe').sort()).toEqual(['Chat', 'TalkMe']);
});

test('verbs open, close, hide and show the widget, and the page is told', async () => {
  await visitor.page.evaluate(() => {
    const page = window as unknown as { heard: string[]; Chat: (...call: unknown[]) => void };
    page.heard = [];
    for (const event of ['open', 'close']) page.Chat('on', event, () => page.heard.push(event));
  });
  await widget.call('Chat', 'open');
  await widget.field.waitFor();
  await widget.call('Chat', 'close');
  await widget.field.waitFor({ state: 'hidden' });
  await widget.call('Chat', 'toggle');
  await widget.field.waitFor();
  await widget.call('Chat', 'hide');
  await widget.launcher.waitFor({ state: 'hidden' });
  await widget.call('Chat', 'show');
  await widget.launcher.waitFor();
  await widget.call('TalkMe', 'openSupport');
  await widget.field.waitFor();
  const heard = () => visitor.page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  expect(await heard()).toEqual(['open', 'close', 'open', 'close', 'open']);
});

test('verbs send, give fields and tell the client’s id', async () => {
  await widget.call('Chat', 'send', 'Из страницы');
  const conversation = await product.api.conversationWith('Из страницы');
  await widget.call('Chat', 'setFields', { name: 'Пётр', email: 'petr@fern.example' });
  await widget.call('TalkMe', 'setClientInfo', { phone: '+7 912 555-01-43' });
  await until('the fields', async () => {
    const { name, fields } = await product.api.contact(conversation.contact_id);
    return name === 'Пётр' && fields.email?.[0]?.value === 'petr@fern.example' && fields.phone?.length === 1;
  });
  await visitor.page.reload();
  await until(
    'the id',
    async () => (await widget.call('Chat', 'get', 'clientId')) === conversation.contact_id,
  );
});

test('an unknown verb is warned about once and harms nothing', async () => {
  await widget.call('Chat', 'fly');
  await widget.call('Chat', 'fly');
  await widget.open();
  expect(complaints.filter((line) => line.includes('"fly"'))).toHaveLength(1);
});

test('the language changes at once', async () => {
  await widget.open();
  expect(await widget.field.getAttribute('placeholder')).toBe('Ваше сообщение');
  await widget.call('Chat', 'setLocale', 'en');
  await until('English', async () => (await widget.field.getAttribute('placeholder')) === 'Your message');
});

test('destroy leaves nothing on the page', async () => {
  await widget.open();
  await widget.call('Chat', 'destroy');
  await visitor.page.locator('otklik-chat').waitFor({ state: 'detached' });
});
