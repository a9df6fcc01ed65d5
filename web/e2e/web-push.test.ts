import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchWholeBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { Product } from './support/product';
import { PushService, type Subscription } from './support/push-service';
import { until } from './support/wait';
import { Widget } from './support/widget';

/** Notes are unsealed by `http_ece` and their proofs checked by `jwt`: two libraries that are nobody's of ours. */
let product: Product;
let service: PushService;
let browser: Browser;
let host: HostPage;
let widget: Widget;

beforeAll(async () => {
  [product, service, browser] = await Promise.all([
    Product.start(),
    PushService.start(),
    launchWholeBrowser(),
  ]);
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  const visitor = await newPerson(browser);
  await visitor.page.goto(host.url);
  widget = new Widget(visitor.page);
  await widget.open();
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await service?.stop();
  host?.stop();
});

/** What a page of the signed-in person asks of the server. */
const asked = (page: Page, method: string, path: string, body?: object) =>
  page.evaluate(
    async ([method, path, body]) => {
      const { csrf } = (await (await fetch('/api/v1/me')).json()) as { csrf: string };
      const headers = { 'Content-Type': 'application/json', 'X-Otklik-CSRF': csrf };
      const answer = await fetch(`/api/v1${path}`, { method, headers, body });
      return (await answer.json()) as { id: string; public_key: string };
    },
    [method, path, body ? JSON.stringify(body) : undefined] as const,
  );

test('whoever closed every page is told on the phone; a page that is open tells it itself', async () => {
  const { page, context } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  const phone: Subscription = await service.subscribe('phone');
  const kept = await asked(page, 'POST', '/push-subscriptions', phone);
  expect(kept.id).toMatch(/^psh_/);
  const { public_key } = await asked(page, 'GET', '/push-key');
  await widget.say('Пока страница открыта');
  await desk.newFolder.click();
  await desk.row((await product.api.conversationWith('Пока страница открыта')).id).waitFor();
  // Who follows the log looks twice a second: by then it was judged while the page was open.
  await page.waitForTimeout(1_500);
  expect(await service.notes()).toEqual([]);

  await page.close();
  await until('nobody to be there', async () => {
    const { items } = await product.api.project<{ items: { online: boolean }[] }>('GET', '/users');
    return items.every(({ online }) => !online);
  });
  await widget.say('Есть кто живой?');
  await until('a note', async () => (await service.notes()).length === 1);
  const [note] = await service.notes();
  expect(note).toMatchObject({ name: 'phone', kind: 'message', body: 'Есть кто живой?' });
  expect(note!.claims).toMatchObject({ key: public_key, aud: service.origin });
  const { id } = await product.api.conversationWith('Есть кто живой?');
  expect(note!.conversation_id).toBe(id);
  // Another device of the same person reads it: the phone is told so, and by its topic whatever still waits there is let go.
  const { page: second, context: elsewhere } = await newPerson(browser);
  const there = new Desk(second, product.origin);
  await there.signIn();
  await there.open(id);
  await until('the note to be taken away', async () => (await service.notes()).length === 2);
  const [, read] = await service.notes();
  expect(read).toMatchObject({ name: 'phone', kind: 'read', conversation_id: id, topic: note!.topic });
  await elsewhere.close();
  await context.close();
});

test('my settings: the device is listed, tested and let go; a refusal of the browser is said', async () => {
  const { page, context } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await desk.goto('/me');
  const row = page.getByTestId('push-subscription');
  await row.waitFor();
  const before = (await service.notes()).length;
  await row.getByRole('button', { name: ru.push_test.split('{')[0] }).click();
  await page.getByText(ru.push_test_sent).waitFor();
  expect((await service.notes())[before]).toMatchObject({ kind: 'test' });
  await service.set({ answer: 410 });
  await row.getByRole('button', { name: ru.push_test.split('{')[0] }).click();
  await page.getByText(ru.push_test_gone).waitFor();
  await page.getByText(ru.push_empty).waitFor();
  await service.set({ answer: 201 });
  // No push service stands behind this browser, so it refuses by itself.
  await context.grantPermissions(['notifications'], { origin: product.origin });
  await page.reload();
  await page.getByRole('button', { name: ru.push_on }).click();
  await page
    .getByText(new RegExp(`${ru.push_failed}|${ru.push_denied}`))
    .first()
    .waitFor();
  await context.close();
});

test('the worker shows a note, a later one of the conversation takes its place, and a read one goes', async () => {
  const { page, context } = await newPerson(browser);
  await context.grantPermissions(['notifications'], { origin: product.origin });
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js');
    await navigator.serviceWorker.ready;
  });
  const cdp = await context.newCDPSession(page);
  const registrationId = await registrationOf(cdp);
  const { id } = await product.api.conversationWith('Есть кто живой?');
  const push = await pushesOf(cdp, product.origin, registrationId);
  const deliver = (body: string) => push({ kind: 'message', title: 'Анна', body, conversation_id: id });
  const shown = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration('/service-worker.js');
      const notes = (await registration?.getNotifications()) ?? [];
      return notes.map(({ title, body, tag }) => ({ title, body, tag }));
    });
  await deliver('раз');
  await until('a note', async () => (await shown()).length === 1);
  await deliver('два');
  await until('the later one', async () => (await shown())[0]?.body === 'два');
  expect(await shown()).toEqual([{ title: 'Анна', body: 'два', tag: id }]);
  // Read on another device: a push takes it away, and a note of another conversation stays.
  const { id: other } = await product.api.conversationWith('Пока страница открыта');
  await push({ kind: 'message', title: 'Пётр', body: 'три', conversation_id: other });
  await until('both', async () => (await shown()).length === (other === id ? 1 : 2));
  await push({ kind: 'read', title: '', body: '', conversation_id: id });
  await until('the read one to go', async () => (await shown()).every(({ tag }) => tag !== id));
  expect((await shown()).map(({ title }) => title)).toEqual(other === id ? [] : ['Пётр']);
  await push({ kind: 'read', title: '', body: '', conversation_ids: [other, id] });
  await until('all of them to go', async () => (await shown()).length === 0);
  await deliver('четыре');
  await until('a note again', async () => (await shown()).length === 1);
  // The page knows this browser as one that is told.
  await page.evaluate(() => localStorage.setItem('otklik.push_id', 'psh_00000000000000000000000000000000'));
  await widget.say('И ещё вопрос');
  await desk.open(id);
  await until('the note to go', async () => (await shown()).length === 0);
  await context.close();
});

/**
 * Delivers a push and waits until the worker has done with it. Whoever asks this browser for its notes while one of them is being shown makes it
 * forget that one, so nobody asks meanwhile.
 */
async function pushesOf(cdp: CDPSession, origin: string, registrationId: string) {
  const service = 'pushMessaging';
  await cdp.send('BackgroundService.startObserving', { service });
  await cdp.send('BackgroundService.setRecording', { shouldRecord: true, service });
  let completed = 0;
  cdp.on('BackgroundService.backgroundServiceEventReceived', ({ backgroundServiceEvent: { eventName } }) => {
    if (eventName === 'Push event completed') completed += 1;
  });
  return async (data: object) => {
    const before = completed;
    await cdp.send('ServiceWorker.deliverPushMessage', {
      origin,
      registrationId,
      data: JSON.stringify(data),
    });
    await until('the worker to be done with a push', () => completed > before);
  };
}

async function registrationOf(cdp: CDPSession): Promise<string> {
  const found = new Promise<string>((resolve) => {
    cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [one] = registrations.filter(({ isDeleted }) => !isDeleted);
      if (one) resolve(one.registrationId);
    });
  });
  await cdp.send('ServiceWorker.enable');
  return found;
}

test('the page can be installed', async () => {
  const manifest = await fetch(`${product.origin}/manifest.webmanifest`);
  expect(manifest.headers.get('content-type')).toMatch(/json/);
  const { icons } = (await manifest.json()) as { icons: { src: string; sizes: string }[] };
  for (const { src } of icons)
    expect((await fetch(product.origin + src)).headers.get('content-type')).toBe('image/png');
  expect(icons.map(({ sizes }) => sizes)).toEqual(['192x192', '512x512']);
});
