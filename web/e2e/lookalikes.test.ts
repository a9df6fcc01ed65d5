import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import en from '../apps/desk/messages/en.json' with { type: 'json' };
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { shot } from './support/shot';
import { until } from './support/wait';
import { Widget } from './support/widget';

/** With a Cyrillic letter, and what it is in truth. */
const LINK = 'https://\u0430pple.com/login';
const HOST = 'xn--pple-43d.com';

let product: Product;
let host: HostPage;
let browser: Browser;
let operator: Watched;
let visitor: Watched;
let desk: Desk;
let widget: Widget;
let conversationId: string;
let contactId: string;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  await product.api.call('PATCH', `/users/${product.made.user_id}`, { name: 'Анна Ильина' });
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  operator = await newPerson(browser, { width: 1280, height: 800 });
  visitor = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  widget = new Widget(visitor.page);
  await desk.signIn();
  await visitor.page.goto(host.url);
  await widget.open();
  await widget.say(`Вход здесь: ${LINK}`);
  ({ id: conversationId, contact_id: contactId } = await product.api.conversationWith(`Вход здесь: ${LINK}`));
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await product?.stop();
  expect([operator?.faults, visitor?.faults]).toEqual([[], []]);
});

// Whatever one of them found, the next one reads Russian.
afterEach(() => desk.changeMe({ locale: 'ru' }));

const nameHim = (name: string) =>
  product.api.project('PATCH', `/contacts/${contactId}`, { fields: { name } });
const markIn = (place: Locator) => place.getByTestId('lookalike');

test('a client who takes the name of a colleague is marked in row, header and card as soon as he has it', async () => {
  await desk.open(conversationId);
  await desk.showAll();
  const header = desk.page.locator('header', { has: desk.page.getByTestId('status-menu') });
  const places = [desk.row(conversationId), header, desk.card];
  for (const place of places) expect(await markIn(place).count()).toBe(0);

  // With the Latin letter `a`.
  await nameHim('Аннa Ильинa');
  for (const place of places) {
    await markIn(place).waitFor();
    expect(await markIn(place).getAttribute('data-looks-like')).toBe('team');
    expect(await markIn(place).getAttribute('aria-label')).toBe(`${ru.not_staff}. ${ru.looks_like_team}`);
  }
  // The header has room for the sign alone beside an open card.
  for (const place of [desk.row(conversationId), desk.card]) {
    await markIn(place).getByText(ru.not_staff, { exact: true }).waitFor();
  }
  await shot(operator.page, 'lookalike-ru-1280');
  expect(await axeFindings(desk.page)).toEqual([]);

  await nameHim('Администратор сайта');
  for (const place of places) {
    await until('the other mark', async () => {
      return (await markIn(place).getAttribute('data-looks-like')) === 'service';
    });
  }
  await nameHim('Пётр');
  for (const place of places) await markIn(place).waitFor({ state: 'detached' });
});

test('on a phone in the dark the mark is left when its words have no room', async () => {
  await nameHim('Анна Ильина');
  const phone = await newPerson(browser, { width: 390, height: 844, dark: true, locale: 'en-US' });
  const small = new Desk(phone.page, product.origin);
  await small.signIn();
  await small.changeMe({ locale: 'en' });
  await small.goto('/inbox');
  await small.showAll(en);
  await markIn(small.row(conversationId)).getByText(en.not_staff, { exact: true }).waitFor();
  await shot(phone.page, 'lookalike-en-390-list');
  await small.open(conversationId);
  const header = small.page.locator('header', { has: small.page.getByTestId('status-menu') });
  await markIn(header).waitFor();
  expect(await markIn(header).getAttribute('aria-label')).toBe(`${en.not_staff}. ${en.looks_like_team}`);
  await shot(phone.page, 'lookalike-en-390-thread');
  expect(phone.faults).toEqual([]);
  await phone.context.close();
});

test('a link that reads otherwise says its real host, to the operator and to the visitor', async () => {
  await desk.open(conversationId);
  const heard = desk.page.getByTestId('message').filter({ hasText: 'Вход здесь' });
  await heard.getByText(ru.link_leads_to.replace('{host}', HOST)).waitFor();
  expect(await heard.getByRole('link').getAttribute('title')).toBe(HOST);

  await product.api.send(conversationId, `Не ходите на ${LINK}, а на https://apple.com`);
  const said = visitor.page.getByText('Не ходите на');
  await said.getByText(`(ведёт на ${HOST})`).waitFor();
  // An honest one is left as it is.
  expect(await said.getByText('ведёт на').count()).toBe(1);
  expect(await said.getByRole('link', { name: 'https://apple.com' }).getAttribute('title')).toBeNull();
  await shot(operator.page, 'link-ru-1280');
  await shot(visitor.page, 'link-widget');
});
