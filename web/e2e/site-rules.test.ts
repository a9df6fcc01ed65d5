import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AutoActions, message, show, UNLIMITED } from './support/auto-actions';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { HostPage, policyFor, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let scenario: string;
let owner: AutoActions;
const people: (Watched & { complaints: string[] })[] = [];

const onSale = { all: [{ fact: 'page_path', op: 'is', value: '/sale' }] };

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  const policy = policyFor(product.origin).replace('img-src', 'img-src data:');
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key), policy);
  owner = new AutoActions(product);
  scenario = await owner.scenario('Какую лампу ищете?');
});

afterEach(async () => {
  const left = people.splice(0);
  for (const { context } of left) await context.close();
  expect(left.flatMap(({ faults }) => faults)).toEqual([]);
  expect(left.flatMap(({ complaints }) => complaints)).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
});

async function visitor(path = '', options = {}, prepare?: (page: Page) => Promise<unknown>): Promise<Widget> {
  const person = await newPerson(browser, options);
  const complaints: string[] = [];
  people.push({ ...person, complaints });
  const { page } = person;
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  await prepare?.(page);
  await page.goto(host.url + path);
  const widget = new Widget(page);
  await widget.launcher.waitFor();
  return widget;
}

const ask = (widget: Widget, label: string) => widget.part('.ask').filter({ hasText: label });
const teaser = (widget: Widget) => widget.part('.teaser .tell');
const go = (widget: Widget, path: string) =>
  widget.page.evaluate((to) => history.pushState(null, '', to), `/${path}`);

/** Waits until the rules are at work: whatever they were to do at the start of the page is done. */
async function settled(widget: Widget) {
  const { page } = widget;
  await until('the rules to be here', () =>
    page.evaluate(() => {
      const asked = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      return asked.some(({ name, responseEnd }) => name.includes('/w/v1/rules') && responseEnd > 0);
    }),
  );
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
}

describe('the script of auto-actions', () => {
  const asked = async () => {
    const urls: string[] = [];
    const widget = await visitor('', {}, async (page) => {
      page.on('request', (request) => urls.push(request.url()));
    });
    return { widget, has: (part: string) => urls.some((url) => url.includes(part)) };
  };

  test('is not asked for where a site has none', async () => {
    await owner.have();
    const { widget, has } = await asked();
    await widget.open();
    expect(has('/w/rules-')).toBe(false);
  });

  test('comes after the page, once, and opens no line', async () => {
    await owner.have({ conditions: onSale, actions: [message('Скидки')] });
    const { widget, has } = await asked();
    await settled(widget);
    expect([has('/w/rules-'), has('/w/v1/rules'), has('/w/core-'), has('/w/v1/live')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('suggests', () => {
  test('stand only where their condition holds, on every page of a single-page application', async () => {
    const id = await owner.suggest(
      'Подобрать лампу',
      { kind: 'scenario', scenario_id: scenario },
      'Find a lamp',
    );
    await owner.have({ conditions: onSale, actions: [show(id)], limits: UNLIMITED });
    const widget = await visitor();
    await settled(widget);
    expect(await ask(widget, 'Подобрать').count()).toBe(0);
    await go(widget, 'sale');
    await ask(widget, 'Подобрать лампу').waitFor();
    expect(await widget.page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
    await go(widget, 'about');
    await ask(widget, 'Подобрать лампу').waitFor({ state: 'detached' });
    await go(widget, 'sale?lamp=1');
    await widget.page.getByRole('group', { name: 'Подсказки' }).waitFor();
    await widget.call('Chat', 'setLocale', 'en');
    await ask(widget, 'Find a lamp').waitFor();

    const direct = await visitor('sale');
    await ask(direct, 'Подобрать лампу').waitFor();
  });

  test('a press starts the scenario, and is counted', async () => {
    const id = await owner.suggest('Выбрать', { kind: 'scenario', scenario_id: scenario });
    const [rule] = await owner.have({ actions: [show(id)] });
    const widget = await visitor();
    await ask(widget, 'Выбрать').click();
    await widget.bubble('Какую лампу ищете?').waitFor();
    expect(await ask(widget, 'Выбрать').count()).toBe(0);
    await until('the press to be counted', async () => (await owner.counts(rule!)).clicked === 1);
    await widget.say('Торшер');
    await until('the dialog to be counted', async () => (await owner.counts(rule!)).dialogs === 1);
    expect(await owner.counts(rule!)).toEqual({ shown: 1, clicked: 1, dialogs: 1 });
  });

  test('a text is said in the visitor’s language, a link leads on, a form asks', async () => {
    const text = await owner.suggest('Доставка', { kind: 'text', text: { ru: 'Сколько стоит доставка?' } });
    const link = await owner.suggest('Каталог', {
      kind: 'link',
      url: 'https://shop.example/all',
      new_tab: true,
    });
    const form = await owner.suggest('Перезвоните', { kind: 'form', fields: ['name', 'phone'] });
    await owner.have({ actions: [show(text, link, form)] });
    const widget = await visitor();
    expect(await ask(widget, 'Каталог').getAttribute('href')).toBe('https://shop.example/all');
    await ask(widget, 'Доставка').click();
    await widget.bubble('Сколько стоит доставка?').waitFor();
    await product.api.conversationWith('Сколько стоит доставка?');

    const other = await visitor();
    await other.open();
    await other.part('.shelf .ask').filter({ hasText: 'Перезвоните' }).click();
    await other.part('.call input').first().fill('Нина');
    await other.part('.call input').nth(1).fill('+7 495 123-45-67');
    await other.part('.call input').nth(1).press('Enter');
    await other.bubble('Перезвоните: Нина, +7 495 123-45-67').waitFor();
  });

  test('go away by their button or Escape, and the focus stays where one can go on', async () => {
    const id = await owner.suggest('Помощь', { kind: 'text', text: { ru: 'Помогите' } });
    await owner.have({ actions: [show(id)], limits: UNLIMITED });
    const widget = await visitor();
    await ask(widget, 'Помощь').focus();
    await widget.page.keyboard.press('Escape');
    expect(await ask(widget, 'Помощь').count()).toBe(0);
    const focused = () =>
      widget.page.evaluate(() => document.querySelector('otklik-chat')?.shadowRoot?.activeElement?.className);
    expect(await focused()).toBe('fab');
    await go(widget, 'next');
    await widget.page.getByRole('button', { name: 'Скрыть подсказки' }).click();
    expect(await ask(widget, 'Помощь').count()).toBe(0);
  });
});

describe('a message', () => {
  test('is a bubble and stands in the thread, once a day', async () => {
    const limits = { ...UNLIMITED, per: 'day' };
    const [rule] = await owner.have({ actions: [message('Подсказать <b>лампу</b>?')], limits });
    const widget = await visitor();
    await teaser(widget).waitFor();
    expect(await teaser(widget).textContent()).toBe('Подсказать <b>лампу</b>?');
    await until('it to be noted', async () => (await owner.counts(rule!)).shown === 1);
    await widget.page.reload();
    await widget.launcher.waitFor();
    await settled(widget);
    expect(await teaser(widget).count()).toBe(0);
    await widget.open();
    await widget.bubble('Подсказать').waitFor();
    // Somebody who has emptied the storage of this one key is known by the server.
    await widget.page.evaluate(() => {
      for (const name of Object.keys(localStorage))
        if (name.endsWith(':shown')) localStorage.removeItem(name);
    });
    await widget.page.reload();
    await widget.launcher.waitFor();
    await settled(widget);
    expect(await teaser(widget).count()).toBe(0);
    expect((await owner.counts(rule!)).shown).toBe(1);
  });

  test('a press opens the thread it stands in', async () => {
    const [rule] = await owner.have({ actions: [message('Мы на связи')] });
    const widget = await visitor();
    await teaser(widget).click();
    await widget.bubble('Мы на связи').waitFor();
    expect(await teaser(widget).count()).toBe(0);
    await until('the press to be counted', async () => (await owner.counts(rule!)).clicked === 1);
  });

  test('comes into a panel that was open before there was a contact', async () => {
    await owner.have({ starts: 'event', actions: [message('Вы положили лампу в корзину')] });
    const widget = await visitor();
    await widget.open();
    await settled(widget);
    await widget.call('Chat', 'event', 'cart');
    await widget.bubble('Вы положили лампу в корзину').waitFor();
    expect(await teaser(widget).count()).toBe(0);
  });
});

describe('starts', () => {
  test('when the pointer leaves through the top', async () => {
    await owner.have({
      starts: 'exit',
      conditions: { all: [{ fact: 'exit_intent', op: 'is_true' }] },
      actions: [message('Уже уходите?')],
    });
    const widget = await visitor();
    await settled(widget);
    await widget.page.mouse.move(300, 300);
    expect(await teaser(widget).count()).toBe(0);
    await widget.page.evaluate(() =>
      document.documentElement.dispatchEvent(new MouseEvent('mouseleave', { clientX: 300, clientY: -1 })),
    );
    await teaser(widget).waitFor();
  });

  test('by events of the page, as often as they were told, before and after the script came', async () => {
    await owner.have({
      starts: 'event',
      conditions: { all: [{ fact: 'event.cart', op: 'at_least', value: 2 }] },
      actions: [{ type: 'js_event', name: 'busy' }],
    });
    const widget = await visitor('', {}, (page) =>
      page.addInitScript(() => {
        type Call = unknown[];
        const told: unknown[] = [];
        const page = window as unknown as { Chat: { (...call: Call): void; q?: Call[] }; told: unknown[] };
        page.told = told;
        page.Chat = (...call) => void (page.Chat.q ??= []).push(call);
        page.Chat('on', 'auto_action', (data: unknown) => told.push(data));
        page.Chat('event', 'cart');
      }),
    );
    await settled(widget);
    const told = () => widget.page.evaluate(() => (window as unknown as { told: object[] }).told);
    expect(await told()).toEqual([]);
    await widget.call('Chat', 'event', 'cart', { sum: 900 });
    await until('the page to be told', async () => (await told()).length === 1);
    expect(await told()).toMatchObject([{ name: 'busy' }]);
  });

  test('after a while on the page, or after scrolling', async () => {
    await owner.have(
      {
        starts: 'scroll',
        conditions: { all: [{ fact: 'scroll_percent', op: 'at_least', value: 60 }] },
        actions: [{ type: 'open_widget' }],
      },
      {
        starts: 'time',
        conditions: { all: [{ fact: 'seconds_on_page', op: 'at_least', value: 2 }] },
        actions: [message('Вы тут две секунды')],
      },
    );
    const widget = await visitor();
    await settled(widget);
    await teaser(widget).waitFor();
    await widget.page.evaluate(() => {
      document.body.append(document.createElement('div'));
      (document.body.lastChild as HTMLElement).style.height = '4000px';
    });
    await widget.page.mouse.wheel(0, 3000);
    await widget.field.waitFor();
    expect(await widget.page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
  });
});

test('nothing comes over an open dialog, unless it says so', async () => {
  const [, over] = await owner.have(
    { starts: 'event', actions: [message('Помочь?')], limits: UNLIMITED },
    {
      starts: 'event',
      actions: [message('Срочно')],
      limits: { ...UNLIMITED, over_open_dialog: true },
      conditions: { all: [{ fact: 'event.alarm', op: 'at_least', value: 1 }] },
    },
  );
  const widget = await visitor();
  await settled(widget);
  await widget.open();
  await widget.say('Здравствуйте');
  await product.api.conversationWith('Здравствуйте');
  await widget.close();
  await widget.call('Chat', 'event', 'cart');
  await widget.call('Chat', 'event', 'alarm');
  await teaser(widget).filter({ hasText: 'Срочно' }).waitFor();
  await until('it to be noted', async () => (await owner.counts(over!)).shown === 1);
  expect((await owner.all())[0]!.counts.shown).toBe(0);
});

test('what the server does not let be is taken back, and a lost line says nothing to the visitor', async () => {
  await owner.have({ actions: [message('Скидка на первый заказ')] });
  let answer: object | null = { done: false, stopped_by: ['limit'], contact_id: null };
  let cuts = 0;
  const stop = async (page: Page) => {
    await page.route('**/w/v1/actions', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (!answer) cuts += 1;
      if (!answer) return route.abort();
      const headers = { 'access-control-allow-origin': '*' };
      return route.fulfill({ json: answer, headers });
    });
  };
  const refused = await visitor('', {}, stop);
  await teaser(refused).waitFor();
  await teaser(refused).waitFor({ state: 'detached' });
  answer = null;
  const cut = await visitor('', {}, stop);
  await teaser(cut).waitFor();
  await until('the line to be cut', () => cuts > 0);
  expect(await teaser(cut).count()).toBe(1);
  expect(await cut.part('[role=alert],[role=status]').count()).toBe(0);
  // A browser says by itself that a request has failed, when it gets to it; nothing else is said.
  const { context, faults, complaints } = people.pop()!;
  await context.close();
  expect(faults).toEqual([]);
  expect(complaints.filter((line) => !line.includes('net::ERR_FAILED'))).toEqual([]);
});

test('where the storage is blocked everything goes on in memory', async () => {
  const [rule] = await owner.have({
    actions: [message('Здравствуйте, мы рядом')],
    limits: { ...UNLIMITED, per: 'visit' },
  });
  const widget = await visitor('', {}, (page) =>
    page.addInitScript(() => {
      Object.defineProperty(window, 'localStorage', {
        get() {
          throw new DOMException('blocked', 'SecurityError');
        },
      });
    }),
  );
  await teaser(widget).waitFor();
  await until('it to be noted', async () => (await owner.counts(rule!)).shown === 1);
  await widget.page.getByRole('button', { name: 'Скрыть сообщение' }).click();
  await go(widget, 'next');
  await widget.open();
  await widget.bubble('Здравствуйте, мы рядом').waitFor();
  expect((await owner.counts(rule!)).shown).toBe(1);
});
