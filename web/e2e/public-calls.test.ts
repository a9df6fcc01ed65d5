import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { HostPage } from './support/host-page';
import { Product } from './support/product';
import { until } from './support/wait';
import { Widget } from './support/widget';

/** Pages as public sites have them for the source product, word for word but for the address: they move over unchanged. */

let product: Product;
let browser: Browser;
const hosts: HostPage[] = [];
const people: Watched[] = [];
let talks = 0;

type Told = [event: string, data: unknown];
type Page = Window & { told: Told[] } & Record<string, (...call: unknown[]) => unknown>;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  for (const host of hosts) host.stop();
  await product?.stop();
});

afterEach(async () => {
  const left = people.splice(0);
  for (const { context } of left) await context.close();
  expect(left.flatMap(({ faults }) => faults)).toEqual([]);
});

/** The loader that the source product gives its customers: another host when the first one does not answer. */
const loader = (name = 'TalkMe', first = product.origin) => `
  (function(){(function c(d,w,m,i) {
    window.supportAPIMethod = m;
    var s = d.createElement('script');
    s.id = 'supportScript';
    var id = '${product.made.site_key}';
    s.src = (!i ? '${first}/support.js' : '${product.origin}/support.js') + '?h=' + id;
    s.onerror = i ? undefined : function(){ c(d,w,m,true) };
    s.async = true;
    w[m] = w[m] ? w[m] : function(){(w[m].q = w[m].q ? w[m].q : []).push(arguments);};
    (d.head ? d.head : d.body).appendChild(s);
  })(document,window,'${name}')})();`;

const EVENTS = [
  ...['fullyLoaded', 'openSupport', 'closeSupport', 'clientSendMessage', 'operatorSendMessage'],
  ...['contactsUpdated', 'clientId', 'clientMakeSubscribe', 'sendRate', 'linkPressed'],
];

const listening = (name = 'TalkMe') => `
  window.told = [];
  ${JSON.stringify(EVENTS)}.forEach(function(event) {
    ${name}('setCallback', event, function(data) { window.told.push([event, data]) });
  });`;

async function visit(script: string, body?: string): Promise<Widget> {
  const host = await HostPage.start(`<script>${script}</script>`, '', body);
  hosts.push(host);
  const person = await newPerson(browser);
  people.push(person);
  await person.page.goto(host.url);
  return new Widget(person.page);
}

const told = async (widget: Widget, event: string) => {
  const all = await widget.page.evaluate(() => (window as unknown as Page).told);
  return all.filter(([name]) => name === event).map(([, data]) => data);
};
const heard = (widget: Widget, event: string) =>
  until(`the event ${event}`, async () => (await told(widget, event)).length);

async function clientNamed(name: string) {
  const find = async () => (await product.api.contacts()).find((contact) => contact.name === name);
  return until(`the client ${name}`, find);
}

describe('a page of the source product', () => {
  test('its setup, its queue and its name for the function; every event is told', async () => {
    const name = `Ира ${++talks}`;
    const widget = await visit(`
      window.OnlineChatSetup = { language: 'en', clientId: 'A-${talks}', domain: 'shop.example', disableTimeouts: true };
      ${loader('OnlineChat')}
      ${listening('OnlineChat')}
      OnlineChat('setClientInfo', { name: '${name}', phone: '+79125550141', email: 'ira@shop.example', custom: { contract: '7' } });
      OnlineChat('openSupport');`);
    await widget.field.waitFor();
    expect(await widget.field.getAttribute('placeholder')).toBe('Your message');
    const client = await clientNamed(name);
    const values = (key: string) => client.fields[key]?.map(({ value }) => value);
    expect([values('email'), values('customer_id')]).toEqual([['ira@shop.example'], [`A-${talks}`]]);

    const words = `От посетителя ${talks}`;
    await widget.call('OnlineChat' as 'Chat', 'sendMessage', words);
    await widget.bubble(words).waitFor();
    const { id } = await product.api.conversationWith(words);
    await product.api.send(id, 'Ответ: https://shop.example/luna');
    await widget.bubble('Ответ').waitFor();
    await widget.page.context().route('https://shop.example/**', (route) => route.fulfill({ body: 'ok' }));
    await widget.part('.text a').click();
    await widget.call('OnlineChat' as 'Chat', 'closeSupport');
    for (const event of ['fullyLoaded', 'openSupport', 'closeSupport', 'clientId', 'linkPressed']) {
      await heard(widget, event);
    }
    expect(await told(widget, 'clientSendMessage')).toMatchObject([{ text: words }]);
    expect(await told(widget, 'operatorSendMessage')).toMatchObject([
      { text: 'Ответ: https://shop.example/luna' },
    ]);
    expect(await told(widget, 'contactsUpdated')).toEqual([
      { name, phone: '+79125550141', email: 'ira@shop.example' },
    ]);
    expect(await told(widget, 'clientId')).toEqual([client.id]);
    expect(await told(widget, 'linkPressed')).toEqual(['https://shop.example/luna']);
  });

  test('the second host takes over when the first does not answer', async () => {
    const widget = await visit(`${loader('TalkMe', 'http://127.0.0.1:9')} TalkMe('openSupport');`);
    await widget.field.waitFor();
  });

  test('the launcher goes where it is told, and away', async () => {
    const widget = await visit(`${loader()} TalkMe('setPosition', -40, -60);`);
    const place = async () => {
      const { x, y, width, height } = (await widget.launcher.boundingBox())!;
      return [1440 - x - width, 900 - y - height];
    };
    await widget.launcher.waitFor();
    await until('the place', async () => (await place()).join() === '40,60');
    await widget.call('TalkMe', 'setPosition', 30, 20);
    await until('the other place', async () => {
      const { x, y } = (await widget.launcher.boundingBox())!;
      return x === 30 && y === 20;
    });
    await widget.call('TalkMe', 'hideTrigger');
    await widget.launcher.waitFor({ state: 'hidden' });
    await widget.call('TalkMe', 'openSupport');
    await widget.field.waitFor();
  });

  test('an operator’s message of the page’s own, and what the page asks', async () => {
    const widget = await visit(`${loader()} ${listening()}`);
    await widget.open();
    await widget.call('TalkMe', 'receiveMessage', 'Чем помочь?', 'anna', 700);
    await widget.part('.typing').waitFor();
    await widget.bubble('Чем помочь?').waitFor();
    await heard(widget, 'operatorSendMessage');
    expect((await product.api.conversations()).length).toBe(1);
    const name = `Лев ${++talks}`;
    await widget.call('TalkMe', 'setClientInfo', { name, email: 'lev@shop.example' });
    await heard(widget, 'contactsUpdated');
    const client = await clientNamed(name);
    const asked = await widget.page.evaluate(
      () =>
        new Promise((resolve) => {
          const page = window as unknown as Page;
          page.TalkMe!('getContacts', (contacts: unknown) =>
            page.TalkMe!('getClientId', (id: unknown) => resolve([contacts, id])),
          );
        }),
    );
    expect(asked).toEqual([{ name, phone: null, email: 'lev@shop.example' }, client.id]);
  });

  test('tabs and reviews open the chat', async () => {
    const widget = await visit(loader());
    await widget.call('TalkMe', 'openReviewsTab');
    await widget.page.getByRole('radio', { name: /^5/ }).waitFor();
    await widget.page.getByRole('button', { name: /Не сейчас|Not now/ }).click();
    await widget.call('TalkMe', 'closeSupport');
    await widget.call('TalkMe', 'openTab', 1);
    await widget.field.waitFor();
  });

  test('reload begins anew, destroy leaves nothing', async () => {
    const widget = await visit(loader());
    await widget.open();
    await widget.call('TalkMe', 'reload');
    await widget.field.waitFor({ state: 'detached' });
    await widget.launcher.waitFor();
    await widget.call('TalkMe', 'destroy');
    expect(await widget.page.locator('otklik-chat').count()).toBe(0);
    await widget.call('TalkMe', 'openSupport');
    expect(await widget.page.locator('otklik-chat').count()).toBe(0);
  });
});

describe('embedded', () => {
  const place = '<div id="onlineSupportContainer" style="width:500px;height:600px"></div>';

  test('the page’s container receives the chat, always open and without a launcher', async () => {
    const widget = await visit(loader(), place);
    await widget.field.waitFor();
    const box = (await widget.part('.panel').boundingBox())!;
    expect([box.width, box.height]).toEqual([500, 600]);
    expect(await widget.launcher.isHidden()).toBe(true);
    await widget.call('TalkMe', 'closeSupport');
    await widget.field.press('Escape');
    const words = `Из середины страницы ${++talks}`;
    await widget.say(words);
    await product.api.conversationWith(words);
    // Nothing of the page is held or covered, on a small screen neither.
    await widget.page.setViewportSize({ width: 390, height: 700 });
    expect(await widget.page.evaluate(() => document.body.inert)).toBe(false);
    expect((await widget.part('.panel').boundingBox())!.height).toBe(600);
  });

  test('it may come later, go, and come again', async () => {
    const widget = await visit(loader());
    await widget.launcher.waitFor();
    const put = () =>
      widget.page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), place);
    const take = () =>
      widget.page.evaluate(() => document.querySelector('#onlineSupportContainer')!.remove());
    await put();
    await widget.field.waitFor();
    expect(await widget.launcher.isHidden()).toBe(true);
    const words = `Пока место есть ${++talks}`;
    await widget.say(words);
    await widget.bubble(words).waitFor();
    await take();
    await widget.launcher.waitFor();
    expect(await widget.field.isHidden()).toBe(true);
    await put();
    await widget.bubble(words).waitFor();
    await product.api.conversationWith(words);
  });

  test('menu buttons stand in it, above the composer', async () => {
    const { project_id } = product.made;
    const button = { label: { ru: 'Таблица размеров' }, target: { kind: 'event', name: 'sizes' } };
    const made = await product.api.raw('POST', `/projects/${project_id}/menu-buttons`, button);
    expect(made.status).toBeLessThan(300);
    await product.api.project('POST', '/appearance/publish', {});
    const widget = await visit(loader(), place);
    const pill = widget.part('.shelf .pill');
    await pill.waitFor();
    const { y } = (await widget.part('.composer').boundingBox())!;
    expect((await pill.boundingBox())!.y).toBeLessThan(y);
  });

  test('a place of another name', async () => {
    const widget = await visit(
      `window.TalkMeSetup = { container: '.help' }; ${loader()}`,
      '<section class="help" style="height:500px"></section>',
    );
    await widget.field.waitFor();
    expect((await widget.part('.panel').boundingBox())!.height).toBe(500);
  });
});

test('of ten thousand calls a few do work, and the last word is not lost', async () => {
  const widget = await visit(loader());
  const frames: string[] = [];
  widget.page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => frames.push(String(payload))),
  );
  const warnings: string[] = [];
  widget.page.on('console', (line) => line.type() === 'warning' && warnings.push(line.text()));
  await widget.launcher.waitFor();
  const name = `Поток ${++talks}`;
  // What the page pays for is drawing; seconds would say how busy the machine is.
  const drawn = await widget.page.evaluate(async (last) => {
    const call = (window as unknown as Page).TalkMe!;
    let drawn = 0;
    new MutationObserver((changes) => (drawn += changes.length)).observe(
      document.querySelector('otklik-chat')!.shadowRoot!,
      { subtree: true, childList: true, attributes: true, characterData: true },
    );
    for (let n = 0; n < 2000; n += 1) {
      call('setClientInfo', { name: n === 1999 ? last : `n${n}`, custom: { contract: `${n}` } });
      call('page', { url: `${location.origin}/p/${n}`, title: 'p' });
      call(n % 2 ? 'openSupport' : 'closeSupport');
      call('sendMessage', `m${n}`);
      call('receiveMessage', `r${n}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2500));
    return drawn;
  }, name);
  expect(drawn).toBeLessThan(2000);
  await clientNamed(name);
  expect(warnings.filter((line) => line.includes('too many calls')).length).toBe(1);
  const count = (type: string) => frames.filter((frame) => frame.includes(`"type":"${type}"`)).length;
  expect(count('fields')).toBeLessThan(20);
  expect(count('page')).toBeLessThan(20);
  expect(frames.at(-1)!.length).toBeGreaterThan(0);
});

describe('what the server does for a page', () => {
  test('tags are set, taken and cleared', async () => {
    const name = `Мира ${++talks}`;
    const widget = await visit(`${loader()}
      TalkMe('setClientInfo', { name: '${name}' });
      TalkMe('setClientTags', { toAdd: ['vip', 'опт'], toRemove: ['новый'] });`);
    const tags = async () => {
      const contact = (await product.api.contact((await clientNamed(name)).id)) as unknown as {
        tags: string[];
      };
      return [...contact.tags].sort().join();
    };
    await until('the tags', async () => (await tags()) === 'vip,опт');
    await widget.call('TalkMe', 'removeTags', 'vip');
    await widget.call('TalkMe', 'addTags', ['розница']);
    await until('other tags', async () => (await tags()) === 'опт,розница');
    await widget.call('TalkMe', 'setClientTags', { isRemoveAllCurrentTags: true });
    await until('no tags', async () => (await tags()) === '');
  });

  test('a target is seen as one; an unknown operator and an unknown scenario are said to the page’s author', async () => {
    const widget = await visit(loader());
    const warnings: string[] = [];
    widget.page.on('console', (line) => line.type() === 'warning' && warnings.push(line.text()));
    await widget.call('TalkMe', 'setTarget', 'купил лампу');
    await widget.call('TalkMe', 'setOperator', 'nobody@fern.example');
    await widget.call('TalkMe', 'startScenario', 'scn_00000000000000000000000000');
    await until('two warnings', () => warnings.filter((line) => line.startsWith('Otklik:')).length === 2);
    await until('the target', async () =>
      JSON.stringify(await product.api.contacts()).includes('целевой: купил лампу'),
    );
  });
});
