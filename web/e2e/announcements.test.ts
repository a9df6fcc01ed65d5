import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Watched, launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { Product } from './support/product';
import { until } from './support/wait';

const BINARY = process.env.OTKLIK_BIN ?? resolve(import.meta.dirname, '../../target/debug/otklik');
const HOUR_MS = 3_600_000;

let product: Product;
let browser: Browser;
const people: Watched[] = [];

interface Announcement {
  id: string;
  title_ru: string;
}

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  expect(people.flatMap(({ faults }) => faults)).toEqual([]);
});

/** The owner in another browser, perhaps elsewhere on earth. */
async function owner(options: Parameters<typeof newPerson>[1] = {}): Promise<Desk> {
  const person = await newPerson(browser, options);
  people.push(person);
  const desk = new Desk(person.page, product.origin);
  await desk.signIn();
  return desk;
}

const announce = (body: Record<string, unknown>) =>
  product.api.call<Announcement>('POST', '/announcements', body);
const banner = (page: Page) => page.getByTestId('announcement-banner');
const bell = (page: Page) => page.getByTestId('bell');
const item = (page: Page, title: string) => page.getByTestId('announcement').filter({ hasText: title });
const unread = async (page: Page) => Number((await bell(page).innerText()).trim() || '0');
const gone = (page: Page) => until('no banner', async () => (await banner(page).count()) === 0);

/** A moment as the page writes it there. */
function shown(at: Date, timeZone: string): string {
  const time = new Intl.DateTimeFormat('ru-RU', { hour: '2-digit', minute: '2-digit', timeZone });
  return time.format(at);
}

test('a maintenance shows its window in two time zones, and its banner comes and goes by the clock', async () => {
  const now = Date.now();
  const from = new Date(Math.ceil(now / HOUR_MS) * HOUR_MS + 30 * HOUR_MS + 60_000);
  const to = new Date(from.getTime() + 3 * HOUR_MS);
  const zones = ['Europe/Moscow', 'Asia/Vladivostok'];
  const desks = await Promise.all(zones.map((timeZone) => owner({ timeZone })));
  const made = await announce({
    kind: 'maintenance',
    title_ru: 'Плановые работы на сети',
    text_ru: 'Возможны **перерывы**.',
    window_from: from.toISOString(),
    window_to: to.toISOString(),
  });
  for (const [index, { page }] of desks.entries()) {
    const zone = zones[index] ?? '';
    // Told by the live socket: nobody has reloaded.
    await until('the bell to count it', async () => (await unread(page)) > 0);
    await gone(page);
    await bell(page).click();
    const when = await item(page, 'Плановые работы').getByTestId('announcement-window').innerText();
    expect(when).toContain(shown(from, zone));
    expect(when).toContain(shown(to, zone));
    expect(when).toContain(index === 0 ? 'GMT+3' : 'GMT+10');
    await page.keyboard.press('Escape');
  }

  const [desk] = desks as [Desk, Desk];
  const { page } = desk;
  await page.clock.install({ time: now });
  await page.reload();
  await bell(page).waitFor();
  await gone(page);
  // A day ahead a quiet line, which its reader may close; at the beginning a banner; at the end nothing.
  await page.clock.fastForward(from.getTime() - 23 * HOUR_MS - now);
  await banner(page).waitFor();
  expect(await banner(page).getAttribute('data-tone')).toBe('planned');
  await page.getByRole('button', { name: ru.announcement_close_line }).click();
  await gone(page);
  await page.clock.fastForward(23 * HOUR_MS);
  await banner(page).waitFor();
  expect(await banner(page).getAttribute('data-tone')).toBe('maintenance');
  expect(await banner(page).innerText()).toContain(shown(from, 'Europe/Moscow'));
  expect(await page.getByRole('button', { name: ru.announcement_close_line }).count()).toBe(0);
  await page.clock.fastForward(3 * HOUR_MS);
  await gone(page);
  await product.api.call('DELETE', `/announcements/${made.id}`);
});

test('an incident has its banner over the composer and never on it, until it is over', async () => {
  const desk = await owner();
  const { page } = desk;
  await product.api.project('POST', '/contacts', {
    channel: 'api',
    external_id: 'x',
    fields: { name: 'Нина' },
  });
  const made = await announce({ kind: 'incident', title_ru: 'Telegram не отвечает', text_ru: 'Чиним.' });
  await banner(page).waitFor();
  expect(await banner(page).getAttribute('data-tone')).toBe('incident');
  const [line, view] = await Promise.all([banner(page).boundingBox(), page.locator('.view').boundingBox()]);
  expect((line?.y ?? 0) + (line?.height ?? 0)).toBeLessThanOrEqual(view?.y ?? 0);
  await banner(page).getByRole('button', { name: ru.announcement_details }).click();
  await item(page, 'Telegram не отвечает').getByText('Чиним.').waitFor();
  await page.keyboard.press('Escape');
  await product.api.call('POST', `/announcements/${made.id}/end`, {});
  await gone(page);
  await product.api.call('DELETE', `/announcements/${made.id}`);
});

test('what was read in one browser is read in the other, at once', async () => {
  const [here, there] = await Promise.all([owner(), owner({ timeZone: 'America/New_York' })]);
  const before = await until('the news of the product', () => unread(there.page));
  await announce({
    kind: 'news',
    title_ru: 'Склад переехал',
    text_ru: 'Новый адрес — [карта](https://a.example/).',
  });
  await until('both to count it', async () => {
    const counts = await Promise.all([unread(here.page), unread(there.page)]);
    return counts.every((count) => count === before + 1);
  });
  await bell(here.page).click();
  await item(here.page, 'Склад переехал').getByRole('button').first().click();
  await item(here.page, 'Склад переехал').getByRole('link', { name: 'карта' }).waitFor();
  await until('the other bell', async () => (await unread(there.page)) === before);
  await here.page.getByRole('button', { name: ru.announcement_all_read }).click();
  await until('nothing to be new anywhere', async () => {
    const counts = await Promise.all([unread(here.page), unread(there.page)]);
    return counts.join() === '0,0';
  });
  await there.page.reload();
  await bell(there.page).click();
  await item(there.page, ru.announcement_by_product).first().waitFor();
  expect(await there.page.getByText(ru.announcement_unread, { exact: true }).count()).toBe(0);
});

test('an author writes in both languages, keeps a draft, publishes, ends and deletes', async () => {
  const desk = await owner();
  const { page } = desk;
  await desk.settings(product.made.project_id, 'announcements');
  await page.getByRole('button', { name: ru.announcement_new }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel(ru.announcement_kind, { exact: true }).selectOption('incident');
  const publish = form.getByRole('button', { name: ru.announcement_publish });
  await publish.click();
  await form.getByText(ru.announcement_problem_title).waitFor();
  await form.getByLabel(ru.announcement_title_ru).fill('Сбой почты');
  await form.getByLabel(ru.announcement_title_en).fill('Mail outage');
  await form.getByLabel(ru.announcement_text_ru).fill('Письма **задержатся**');
  await form.locator('.preview strong', { hasText: 'задержатся' }).waitFor();
  await form.getByLabel(ru.announcement_link).fill('http://status.example');
  await publish.click();
  await form.getByRole('paragraph').filter({ hasText: ru.announcement_problem_link }).waitFor();
  await form.getByLabel(ru.announcement_link).fill('https://status.example/');
  // What was written is not lost by a press of Escape.
  await page.keyboard.press('Escape');
  await page.getByTestId('unsaved').getByRole('button', { name: ru.unsaved_stay }).click();
  await form.getByLabel(ru.announcement_at).selectOption('draft');
  await form.getByRole('button', { name: ru.save, exact: true }).click();
  await desk.dialogsGone();
  const row = page.getByTestId('written').filter({ hasText: 'Сбой почты' });
  await row.getByText(ru.announcement_state_draft).waitFor();
  await gone(page);

  const choose = async (name: string) => {
    await row.getByRole('button', { name: ru.more }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  await choose(ru.announcement_publish);
  await row.getByText(ru.announcement_state_under_way).waitFor();
  await banner(page).filter({ hasText: 'Сбой почты' }).waitFor();
  await choose(ru.announcement_end);
  await row.getByText(ru.announcement_state_over).waitFor();
  await gone(page);
  await choose(ru.delete);
  const remove = page.getByRole('dialog').getByRole('button', { name: ru.delete });
  expect(await remove.isDisabled()).toBe(true);
  await page.getByRole('dialog').getByRole('textbox').fill('Сбой почты');
  await remove.click();
  await until('it to be gone', async () => (await row.count()) === 0);
});

test('work on a channel shows on its card, in the zone of the reader', async () => {
  const { page, settings } = await owner({ timeZone: 'Asia/Yekaterinburg' }).then((desk) => ({
    page: desk.page,
    settings: () => desk.settings(product.made.project_id, 'channels'),
  }));
  const { items } = await product.api.project<{ items: { id: string; kind: string }[] }>(
    'GET',
    '/connections',
  );
  const site = items.find(({ kind }) => kind === 'site');
  const from = new Date(Date.now() + 48 * HOUR_MS);
  await announce({
    kind: 'maintenance',
    title_ru: 'Работы у хостинга',
    connection_id: site?.id,
    window_from: from.toISOString(),
    window_to: new Date(from.getTime() + HOUR_MS).toISOString(),
  });
  await settings();
  const planned = page.getByTestId('planned-work');
  await planned.waitFor();
  expect(await planned.innerText()).toContain(shown(from, 'Asia/Yekaterinburg'));
  expect(await planned.innerText()).toContain('GMT+5');
});

/** Each tries to run, to load or to look like the page. `ALIVE` would be set by any that runs. */
const ATTACKS = [
  '<script>window.ALIVE = 1</script>',
  '<img src=x onerror="window.ALIVE = 1">',
  '![](https://tracker.example/pixel.png)',
  '<svg onload="window.ALIVE = 1"><script>window.ALIVE = 1</script></svg>',
  '[нажмите](javascript:window.ALIVE=1)',
  '[нажмите](JaVaScRiPt&colon;window.ALIVE=1)',
  '[нажмите](data:text/html,<script>window.ALIVE=1</script>)',
  '[нажмите](vbscript:msgbox(1))',
  '<a href="javascript:window.ALIVE=1" onclick="window.ALIVE=1">нажмите</a>',
  '<iframe src="https://evil.example/"></iframe>',
  '<object data="https://evil.example/"></object><embed src="https://evil.example/">',
  '<form action="https://evil.example/"><input name="password"><button>Войти</button></form>',
  '<style>body { display: none }</style>',
  '<p style="position:fixed;inset:0;background:url(https://evil.example/)" class="ok-dialog" id="app">x</p>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.ALIVE=1&gt;">',
  '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<audio src="https://evil.example/a.mp3" autoplay></audio><video poster="https://evil.example/"></video>',
  '<details open ontoggle="window.ALIVE=1"><summary>x</summary></details>',
  '[x](https://a.example/ "onmouseover=window.ALIVE=1 \\"style=\\"x")',
  '<https://a.example/"onclick="window.ALIVE=1>',
];

/** What is left of a text, by tag, attribute and address. */
const remains = (text: Locator) =>
  text.evaluate((root) => {
    const nodes = [...root.querySelectorAll('*')];
    return {
      tags: nodes.map((node) => node.tagName.toLowerCase()),
      attributes: nodes.flatMap((node) => [...node.attributes].map(({ name }) => name)),
      hrefs: nodes.flatMap((node) => node.getAttribute('href') ?? []),
    };
  });
const TAGS = ['p', 'br', 'a', 'b', 'strong', 'em', 'i', 'code', 'pre', 'table', 'tbody', 'tr', 'td', 'hr'];

test('hostile Markdown comes out clean', async () => {
  const desk = await owner();
  const { page } = desk;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await desk.settings(product.made.project_id, 'announcements');
  await page.getByRole('button', { name: ru.announcement_new }).click();
  const field = page.getByRole('dialog').getByLabel(ru.announcement_text_ru);
  const text = page.getByRole('dialog').getByTestId('announcement-text');
  for (const [index, attack] of ATTACKS.entries()) {
    await field.fill(`проба ${index}\n\n${attack}`);
    await text.getByText(`проба ${index}`, { exact: true }).waitFor();
    const { tags, attributes, hrefs } = await remains(text);
    expect(
      tags.filter((tag) => !TAGS.includes(tag)),
      attack,
    ).toEqual([]);
    expect(
      attributes.filter((name) => !['href', 'target', 'rel'].includes(name)),
      attack,
    ).toEqual([]);
    expect(
      hrefs.filter((href) => !href.startsWith('https://a.example/')),
      attack,
    ).toEqual([]);
    for (const bait of await text.getByText('нажмите').all()) await bait.click();
  }
  await field.fill('Хорошая [ссылка](https://a.example/)');
  await text.getByRole('link', { name: 'ссылка' }).waitFor();
  expect((await remains(text)).hrefs).toEqual(['https://a.example/']);
  expect(await page.evaluate(() => (window as { ALIVE?: number }).ALIVE)).toBeUndefined();
  expect(asked.filter((url) => !url.startsWith(product.origin))).toEqual([]);
});

test('the installation’s command tells everybody, and says what is wrong with a moment', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(BINARY, ['announce', '--data', product.folder, ...args]).then(({ stdout }) => stdout);
  const vague = run(
    '--kind',
    'maintenance',
    '--title-ru',
    'Работы',
    '--from',
    '2026-12-16T00:01',
    '--to',
    'x',
  );
  await expect(vague).rejects.toThrow(/offset of the zone/);
  await expect(run('--kind', 'party', '--title-ru', 'x')).rejects.toThrow(/news, maintenance or incident/);
  const { page } = await owner();
  const made = JSON.parse(await run('--kind', 'incident', '--title-ru', 'Сбой у провайдера')) as Announcement;
  await banner(page).filter({ hasText: 'Сбой у провайдера' }).waitFor();
  expect((JSON.parse(await run('--list')) as Announcement[]).map(({ id }) => id)).toEqual([made.id]);
  await run('--end', made.id);
  await gone(page);
  await run('--delete', made.id);
  await expect(run('--end', made.id)).rejects.toThrow(/--list/);
});
