import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { until } from './support/wait';
import { Widget } from './support/widget';

/** The owner, called as her account is, and a colleague; each at a desk of their own. */
const BORIS = { email: 'boris@fern.example', name: 'Борис Ёлкин', password: 'moss-and-fern-43' };

let product: Product;
let host: HostPage;
let browser: Browser;
const people: Watched[] = [];
let anna: Desk;
let boris: Desk;
let owner: { id: string; name: string };

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  await product.api.addColleague(BORIS);
  const users = await product.api.project<{ items: { id: string; name: string }[] }>('GET', '/users');
  owner = users.items.find((user) => user.name !== BORIS.name)!;
  anna = await seat();
  await anna.signIn();
  boris = await seat();
  await boris.goto('/inbox');
  await boris.fillSignIn(BORIS.email, BORIS.password);
  await boris.page.getByTestId('me-menu').first().waitFor();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  host?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

async function seat(): Promise<Desk> {
  const person = await newPerson(browser);
  people.push(person);
  return new Desk(person.page, product.origin);
}

/** A visitor who has written this, and the conversation. */
async function visitorSays(text: string) {
  const visitor = await newPerson(browser);
  people.push(visitor);
  const widget = new Widget(visitor.page);
  await visitor.page.goto(host.url);
  await widget.open();
  await widget.say(text);
  return { widget, visitor, conversation: await product.api.conversationWith(text) };
}

const accept = (desk: Desk) => desk.page.getByRole('button', { name: ru.accept, exact: true });
const holder = async (id: string) =>
  ((await product.api.conversation(id)) as unknown as { assignee_id: string | null }).assignee_id;
const said = (template: string, values: Record<string, string>) =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), template);

test('of two who press «Принять» one has the chat, and the other is told at once who', async () => {
  const { conversation } = await visitorSays('Кто первый?');
  await anna.open(conversation.id);
  await boris.open(conversation.id);
  await accept(boris).waitFor();
  // Boris hears of nothing: his page still offers what Anna takes.
  await boris.page.evaluate(() => {
    const open = (window as unknown as { fetch: typeof fetch }).fetch;
    window.fetch = (...args) => {
      const [path] = args;
      if (!String(path).endsWith('/accept')) return open(...args);
      return new Promise((resolve) => setTimeout(() => resolve(open(...args)), 600));
    };
  });
  await accept(boris).click();
  await accept(anna).click();
  await boris.page.getByText(said(ru.taken_by, { name: owner.name })).waitFor();
  expect(await holder(conversation.id)).toBe(owner.id);
  await accept(boris).waitFor({ state: 'detached' });
  expect(await axeFindings(boris.page)).toEqual([]);
});

test('a chat taken from a colleague goes back by one press', async () => {
  const { conversation } = await visitorSays('Передайте меня');
  await anna.open(conversation.id);
  await accept(anna).click();
  await until('Anna to have it', async () => (await holder(conversation.id)) === owner.id);
  await boris.open(conversation.id);
  await boris.page.getByTestId('status-menu').click();
  await boris.page.getByRole('menuitem', { name: ru.assign_me }).click();
  await boris.page.getByText(said(ru.taken_from, { name: BORIS.name, former: owner.name })).waitFor();
  await until('Boris to have it', async () => (await holder(conversation.id)) !== owner.id);
  await boris.page.getByRole('button', { name: ru.undo, exact: true }).click();
  await until('Anna to have it again', async () => (await holder(conversation.id)) === owner.id);
});

test('whoever answers a chat of nobody’s has it, unless the project wants it otherwise', async () => {
  const { conversation } = await visitorSays('Ответьте мне');
  await boris.open(conversation.id);
  await boris.say('Отвечаю');
  await boris.bubble('Отвечаю').waitFor();
  await until('Boris to have it', async () => (await holder(conversation.id)) !== null);
  await boris.page.locator('[data-folder=mine] .count').filter({ hasText: /\d/ }).waitFor();

  await anna.settings(product.made.project_id, 'team');
  const rule = anna.page.getByRole('switch', { name: ru.answer_assigns });
  await rule.click();
  await until('the setting to be kept', async () => {
    const project = await product.api.project<{ answer_assigns: boolean }>('GET', '');
    return !project.answer_assigns;
  });
  await anna.page.reload();
  expect(await rule.getAttribute('aria-checked')).toBe('false');
  const { conversation: other } = await visitorSays('И мне');
  await boris.open(other.id);
  await boris.say('И вам');
  await boris.bubble('И вам').waitFor();
  await until('the answer to be stored', async () => (await product.api.texts(other.id)).includes('И вам'));
  expect(await holder(other.id)).toBe(null);
  await product.api.project('PATCH', '', { answer_assigns: true });
});

test('a draft follows the operator to another device, and is gone there when it is sent', async () => {
  const { conversation } = await visitorSays('Напишите подробно');
  const phone = await newPerson(browser, { width: 390, height: 844 });
  people.push(phone);
  const pocket = new Desk(phone.page, product.origin);
  await pocket.goto('/inbox');
  await pocket.fillSignIn(BORIS.email, BORIS.password);
  await pocket.page.getByTestId('me-menu').first().waitFor();
  await boris.open(conversation.id);
  await boris.composer.fill('Начато за столом');
  await pocket.newFolder.click();
  await pocket.row(conversation.id).getByText('Начато за столом').waitFor();
  await pocket.open(conversation.id);
  await until(
    'the draft in the field',
    async () => (await pocket.composer.inputValue()) === 'Начато за столом',
  );
  await pocket.composer.fill('Начато за столом, кончено в дороге');
  await until('the draft at the desk', async () =>
    (await boris.composer.inputValue()).endsWith('кончено в дороге'),
  );
  await pocket.composer.press('Enter');
  await until('the field at the desk to be empty', async () => (await boris.composer.inputValue()) === '');
  // A colleague has drafts of his own.
  await boris.composer.fill('не для Анны');
  await anna.open(conversation.id);
  expect(await anna.composer.inputValue()).toBe('');
  await boris.composer.fill('');
});

test('those come first who wait longest, or the newest where that is chosen, and a note of one’s own is no news', async () => {
  await anna.goto('/inbox');
  await anna.showAll();
  const order = anna.page.getByTestId('order');
  expect(await order.innerText()).toContain(ru.list_waiting);
  // Rows wait while the pointer is on the list.
  await anna.page.mouse.move(1000, 400);
  const first = (await visitorSays('Жду дольше всех')).conversation;
  const second = (await visitorSays('Пришёл потом')).conversation;
  await anna.row(second.id).waitFor();
  const rows = () =>
    anna.page
      .getByTestId('conversation-row')
      .evaluateAll((all) => all.map((row) => row.getAttribute('data-id') ?? ''));
  const shown = async (one: string, other: string) => {
    const ids = await rows();
    return ids.indexOf(one) < ids.indexOf(other);
  };
  await until('the longest wait above', () => shown(first.id, second.id));
  await order.click();
  await anna.page
    .getByRole('menuitemradio')
    .or(anna.page.getByRole('menuitem'))
    .filter({ hasText: ru.list_newest })
    .click();
  await until('the newest above', () => shown(second.id, first.id));
  await anna.page.reload();
  await anna.showAll();
  await until('the choice to stay', () => shown(second.id, first.id));

  await anna.row(first.id).click();
  await anna.composer.waitFor();
  // The pointer rests on the list, so its rows wait.
  await anna.row(second.id).hover();
  await anna.page.keyboard.press('n');
  await anna.composer.pressSequentially('для своих');
  await anna.composer.press('Enter');
  await anna.bubble('для своих').waitFor();
  expect(await anna.page.locator('.hold .new').count()).toBe(0);
  await (await visitorSays('А вот это новое')).widget.bubble('А вот это новое').waitFor();
  await anna.page.locator('.hold .new').getByText('1').waitFor();
});

test('a visitor was last seen when the page was closed', async () => {
  const { visitor, conversation } = await visitorSays('Загляну и уйду');
  await anna.open(conversation.id);
  const head = anna.page.getByRole('region', { name: ru.thread_log }).locator('header .who p');
  await head.getByText(said(ru.online_in, { channel: '' }).trim()).waitFor();
  await visitor.context.close();
  await head.getByText(said(ru.last_seen, { time: ru.now })).waitFor();
  await anna.page.reload();
  await head.getByText(said(ru.last_seen, { time: ru.now })).waitFor();
});

test('a site whose chat is switched off says so, keeps what was typed, and goes on when it is on again', async () => {
  const { widget, visitor, conversation } = await visitorSays('Пока включено');
  await anna.settings(product.made.project_id, 'channels');
  const site = anna.page.getByTestId('connection').filter({ hasText: 'Сайт' }).first();
  expect(await site.locator('dl').first().innerText()).not.toContain(ru.channel_never);
  await widget.field.fill('набрано до выключения');
  await site.getByRole('switch').click();
  await widget.part('.banner').getByText('выключен').waitFor();
  await widget.field.waitFor({ state: 'hidden' });
  await site.getByText(ru.channel_site_off).waitFor();
  expect(await axeFindings(visitor.page)).toEqual([]);

  const stranger = await newPerson(browser);
  people.push(stranger);
  await stranger.page.goto(host.url);
  const theirs = new Widget(stranger.page);
  await theirs.launcher.click();
  await theirs.part('.banner').getByText('выключен').waitFor();

  await site.getByRole('switch').click();
  await until('the chat to be on again', async () => {
    // Whoever comes back to the page asks anew; the switch may take a moment.
    await visitor.page.evaluate(() => window.dispatchEvent(new Event('focus')));
    return widget.field.isVisible();
  });
  expect(await widget.field.inputValue()).toBe('набрано до выключения');
  await widget.field.press('Enter');
  await until('the message to arrive', async () =>
    (await product.api.texts(conversation.id)).includes('набрано до выключения'),
  );
});
