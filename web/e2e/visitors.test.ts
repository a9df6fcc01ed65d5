import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HOSTILE } from './support/hostile';
import { Product } from './support/product';
import { Visitors, VisitorsPage } from './support/visitors';
import { until } from './support/wait';
import type { Widget } from './support/widget';

let product: Product;
let browser: Browser;
let visitors: Visitors;
let operator: Watched;
let desk: Desk;
let list: VisitorsPage;

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  visitors = await Visitors.start(product, browser);
  operator = await newPerson(browser);
  desk = new Desk(operator.page, product.origin);
  await desk.signIn();
  list = new VisitorsPage(desk);
});

afterEach(async () => {
  // The operator first: whatever is open there belongs to the test before.
  await desk.goto('/sites');
  expect(await visitors.leaveAll()).toEqual([]);
  await visitors.nobody();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  visitors?.host.stop();
  expect(operator?.faults).toEqual([]);
});

const teaser = (widget: Widget) => widget.part('.teaser .tell');
const say = (text: string): unknown => expect.stringContaining(text);

test('who says nothing is seen with page and source, costs no contact, and leaves within 15 seconds', async () => {
  await desk.goto('/visitors');
  await desk.page.getByText(ru.visitors_empty, { exact: true }).waitFor();
  const widget = await visitors.come('?utm_source=yandex&utm_medium=cpc');
  const row = list.row('Лавка');
  await row.waitFor();
  expect(await row.innerText()).toEqual(say('yandex / cpc'));
  expect(await row.innerText()).toEqual(say(ru.visitors_status_browsing));
  expect(await row.innerText()).toEqual(say(ru.menu_device_desktop));
  expect(await product.api.contacts()).toEqual([]);

  await list.open('Лавка');
  expect(await list.path.locator('li').count()).toBe(1);
  await visitors.go(widget, '/lamps/luna', 'Лампа «Луна»');
  await list.path.getByText('Лампа «Луна»').waitFor();
  expect(await list.path.locator('.title').allInnerTexts()).toEqual(['Лампа «Луна»', 'Лавка']);
  await desk.page.keyboard.press('Escape');
  await list.drawer.waitFor({ state: 'detached' });
  await list.row('Лампа «Луна»').getByText('/lamps/luna').waitFor();
  expect(await product.api.contacts()).toEqual([]);

  await desk.page.mouse.move(5, 5);
  await desk.page.locator('body').evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await visitors.leaveAll();
  await list.rows.first().waitFor({ state: 'detached', timeout: 15_000 });
  await desk.page.getByText(ru.visitors_empty, { exact: true }).waitFor();
});

test('the next page is the same visitor, and a visit goes on', async () => {
  const widget = await visitors.come('?utm_source=yandex');
  const [first] = await until('the visitor', async () => {
    const seen = await visitors.list();
    return seen.length && seen;
  });
  await widget.page.goto(`${visitors.host.url}basket`);
  const [second] = await until('the next page', async () => {
    const seen = await visitors.list();
    return seen[0]?.page.url.endsWith('/basket') && seen;
  });
  expect(second!.id).toBe(first!.id);
  await until('two pages', async () => (await visitors.list())[0]?.pages === 2);
  expect(await visitors.list()).toHaveLength(1);
});

test('an invitation is seen without opening, and its answer reaches the operator', async () => {
  const widget = await visitors.come();
  await desk.goto('/visitors');
  await list.open('Лавка');
  const field = list.drawer.getByLabel(ru.visitors_message);
  expect(await field.inputValue()).toBe(ru.visitors_invite_default);
  await list.write('Помочь выбрать лампу?', 'visitors_invite');
  await list.drawer.getByText(ru.visitors_chat_nobody).waitFor();

  await teaser(widget).getByText('Помочь выбрать лампу?').waitFor();
  expect(await widget.page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
  await until('the badge', async () => (await widget.badge.innerText()) === '1');
  await teaser(widget).click();
  await widget.bubble('Помочь выбрать лампу?').waitFor();
  await widget.say('Да, для кухни');
  const conversation = await product.api.conversationWith('Да, для кухни');
  await list.drawer.getByRole('link', { name: ru.visitors_chat_open }).click();
  await desk.bubble('Да, для кухни').waitFor();
  expect(new URL(desk.page.url()).pathname).toBe(`/inbox/${conversation.id}`);
  await desk.say('Берите «Луну»');
  await widget.bubble('Берите «Луну»').waitFor();
  expect(await product.api.contacts()).toHaveLength(1);
});

test('a chat of one’s own opens at once; put away, its word is not shown on the next page', async () => {
  const widget = await visitors.come();
  await desk.goto('/visitors');
  await list.open('Лавка');
  await list.write('Здравствуйте, я Анна', 'visitors_start');
  await desk.bubble('Здравствуйте, я Анна').waitFor();
  expect(new URL(desk.page.url()).pathname).toMatch(/^\/inbox\/cnv_/);

  await teaser(widget).getByText('Здравствуйте, я Анна').waitFor();
  await widget.part('.teaser .hush').click();
  await teaser(widget).waitFor({ state: 'detached' });
  await widget.page.reload();
  await until('what is unread', async () => (await widget.badge.innerText()) === '1');
  expect(await teaser(widget).count()).toBe(0);
  await desk.say('Если что, я здесь');
  await teaser(widget).getByText('Если что, я здесь').waitFor();

  await desk.goto('/visitors');
  await list.open(ru.visitors_status_chatting);
  await list.drawer.getByRole('link', { name: ru.visitors_chat_open }).waitFor();
  expect(await list.drawer.getByLabel(ru.visitors_message).count()).toBe(0);
});

test('what is typed is told only where the site says so, and to the visitor, too', async () => {
  const talk = async (word: string) => {
    const widget = await visitors.come();
    await widget.open();
    await widget.say(word);
    const conversation = await product.api.conversationWith(word);
    await desk.open(conversation.id);
    await desk.bubble(word).waitFor();
    return { widget, row: desk.row(conversation.id) };
  };
  const typing = () => desk.page.getByText(ru.typing_preview, { exact: true });

  const off = await talk('Без показа');
  expect(await off.widget.part('#watched').count()).toBe(0);
  await until('the mark of typing', async () => {
    await off.widget.field.pressSequentially('тайна ');
    return desk.page.locator('.typing [aria-live]').isVisible();
  });
  expect(await typing().count()).toBe(0);
  expect(await desk.page.getByText('тайна').count()).toBe(0);

  await visitors.set({ typing_preview: true });
  const on = await talk('С показом');
  await on.widget.part('#watched').waitFor();
  await on.widget.field.pressSequentially('Сколько стоит');
  await typing().waitFor();
  await desk.page.getByTestId('typed-preview').filter({ hasText: 'Сколько стоит' }).waitFor();
  await desk.showAll();
  await on.row.getByText('Сколько стоит').waitFor();
  await on.widget.field.fill('4111 1111 1111 1111');
  await desk.page.getByTestId('typed-preview').waitFor({ state: 'detached' });
  expect(await desk.page.getByText('1111 1111').count()).toBe(0);
  await on.widget.field.fill('Сколько стоит доставка');
  await desk.page.getByTestId('typed-preview').filter({ hasText: 'доставка' }).waitFor();
  await on.widget.field.fill('');
  await desk.page.getByTestId('typed-preview').waitFor({ state: 'detached', timeout: 5_000 });
  await visitors.set({ typing_preview: false });
});

test('rows stand still under the pointer, and who has come waits behind a button', async () => {
  await visitors.come('?utm_source=first');
  await desk.goto('/visitors');
  await list.row('first').waitFor();
  await list.row('first').hover();
  await visitors.come('?utm_source=second');
  const news = desk.page.getByRole('button', { name: '1 новый' });
  await news.waitFor();
  expect(await list.rows.count()).toBe(1);
  await news.click();
  await list.row('second').waitFor();
  expect(await list.rows.first().innerText()).toEqual(say('second'));
});

test('words and a status are asked of the server, and stand in the address', async () => {
  await visitors.come('?utm_source=yandex');
  await visitors.come('?utm_source=google');
  await desk.goto('/visitors?q=google');
  await list.row('google').waitFor();
  expect(await list.rows.count()).toBe(1);
  await desk.page.getByLabel(ru.visitors_state, { exact: true }).selectOption('typing');
  await desk.page.getByText('Ничего не нашлось').waitFor();
  expect(new URL(desk.page.url()).search).toBe('?q=google&status=typing');
  await desk.page.getByRole('button', { name: ru.clear_filters }).first().click();
  await list.row('yandex').waitFor();
});

test('whatever a foreign page calls itself is text', async () => {
  await desk.page.addInitScript(() =>
    Object.assign(window, { boom: () => Object.assign(window, { hacked: 1 }) }),
  );
  const widget = await visitors.come();
  await desk.goto('/visitors');
  await list.open('Лавка');
  const titles = HOSTILE.slice(0, 12);
  for (const title of titles) await visitors.go(widget, `/?${encodeURIComponent(title)}`, title);
  await until('the last title', async () =>
    (await list.path.locator('.title').allInnerTexts()).some((title) =>
      title.includes(titles.at(-1)!.trim()),
    ),
  );
  expect(await desk.page.evaluate(() => 'hacked' in window)).toBe(false);
  expect(await list.drawer.locator('img,iframe,script,object,embed').count()).toBe(0);
  const links = await list.path
    .locator('a')
    .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).protocol));
  expect(new Set(links)).toEqual(new Set(['http:']));
});

test('watched no more: pages tell nothing, and the desk says why', async () => {
  await visitors.set({ watch_visitors: false });
  const widget = await visitors.come();
  await widget.page.waitForLoadState('load');
  await desk.goto('/visitors');
  await desk.page.getByText(ru.visitors_off, { exact: true }).waitFor();
  await desk.page.getByRole('link', { name: ru.visitors_off_switch }).click();
  const watch = desk.page.getByRole('switch', { name: ru.visitors_watch });
  expect(await watch.getAttribute('aria-checked')).toBe('false');
  expect(await visitors.list()).toEqual([]);
  await watch.click();
  await until('the switch', async () => (await watch.getAttribute('aria-checked')) === 'true');
  // The page that is open keeps what it was told; the next one asks again.
  await visitors.come();
  await desk.page.keyboard.press('g');
  await desk.page.keyboard.press('v');
  await list.row('Лавка').waitFor();
});
