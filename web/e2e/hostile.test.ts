import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, newPerson } from './support/browser';
import { Desk } from './support/desk';
import { HostPage, snippetOf } from './support/host-page';
import { HOSTILE, markOf } from './support/hostile';
import { Product } from './support/product';
import { paper } from './support/samples';
import { until } from './support/wait';
import { Widget } from './support/widget';

let product: Product;
let host: HostPage;
let browser: Browser;
let desk: Desk;
let widget: Widget;
let conversationId: string;
let contactId: string;
const pages: Page[] = [];

/** Everything that a string of the corpus could do ends here. */
async function arm(page: Page) {
  pages.push(page);
  await page.addInitScript(() => {
    const counter = window as unknown as Record<string, unknown> & { booms: number };
    counter.booms = 0;
    const boom = () => void counter.booms++;
    for (const name of ['boom', 'alert', 'confirm', 'prompt', 'print']) counter[name] = boom;
  });
}

const INJECTED =
  '[onerror], [onload], [onclick], [onfocus], [ontoggle], [onbegin], [onmouseover], iframe:not([src="/preview/site"]), object, embed, base, ' +
  'math, template[shadowrootmode], script[src*="evil"], a[href^="javascript" i], a[href^="data:text" i], a[href^="vbscript" i]';

async function expectInert() {
  for (const page of pages) {
    const found = await page.evaluate((selector) => {
      const roots: ParentNode[] = [document];
      const chat = document.querySelector('otklik-chat')?.shadowRoot;
      if (chat) roots.push(chat);
      const { booms } = window as unknown as { booms: number };
      return {
        booms,
        injected: roots.flatMap((root) => [...root.querySelectorAll(selector)].map((e) => e.outerHTML)),
      };
    }, INJECTED);
    expect(found).toEqual({ booms: 0, injected: [] });
  }
}

/** All of these are on the screen as text. */
async function expectShown(read: () => Promise<string>, texts: string[]) {
  await until('all strings to be shown', async () => {
    const shown = await read();
    return texts.every((text) => shown.includes(markOf(text)));
  });
}

beforeAll(async () => {
  [product, browser] = await Promise.all([Product.start(), launchBrowser()]);
  await product.api.call('PATCH', `/projects/${product.made.project_id}`, {
    appearance: { title: HOSTILE[0], greeting: HOSTILE[2], brand: '#5b5bd6', side: 'right', locale: 'ru' },
  });
  host = await HostPage.start(snippetOf(product.origin, product.made.site_key));
  const visitor = (await newPerson(browser)).page;
  const operator = (await newPerson(browser)).page;
  await Promise.all([arm(visitor), arm(operator)]);
  widget = new Widget(visitor);
  desk = new Desk(operator, product.origin);
  await desk.signIn();
  await visitor.goto(host.url);
  await widget.open();
  await widget.say('Начало');
  ({ id: conversationId, contact_id: contactId } = await product.api.conversationWith('Начало'));
  await desk.open(conversationId);
});

afterAll(async () => {
  await browser?.close();
  host?.stop();
  await product?.stop();
});

test('the trap works: the same strings as markup do run', async () => {
  const page = (await newPerson(browser)).page;
  await arm(page);
  await page.goto(host.url);
  await page.evaluate((html) => (document.body.innerHTML = html), HOSTILE.join('\n'));
  await until('something to run', () =>
    page.evaluate(() => (window as unknown as { booms: number }).booms > 0),
  );
  expect(await page.locator(INJECTED).count()).toBeGreaterThan(10);
  pages.splice(pages.indexOf(page), 1);
  await page.context().close();
});

test('a visitor’s texts are text in the desk and in the widget', async () => {
  for (const text of HOSTILE) await widget.call('Chat', 'send', text);
  await until(
    'all to be stored',
    async () => (await product.api.texts(conversationId)).length > HOSTILE.length,
  );
  await expectShown(() => desk.page.locator('.log').innerText(), HOSTILE);
  await expectShown(async () => (await widget.texts()).join('\n'), HOSTILE);
  await expectInert();
});

test('an operator’s texts, buttons and notes are text on both sides', async () => {
  for (const text of HOSTILE) {
    const buttons = [[{ id: 'b', label: text.slice(0, 60), kind: 'reply' }]];
    await product.api.send(conversationId, `ответ ${text}`, [], buttons);
    await product.api.note(conversationId, `заметка ${text}`);
  }
  const last = markOf(HOSTILE.at(-1)!);
  await desk.bubble(`заметка ${last}`).waitFor();
  await widget.bubble(`ответ ${last}`).waitFor();
  expect(await widget.part('.chip').count()).toBe(1);
  await expectInert();
});

test('names and field values of a client are text in the card, the list and the clients', async () => {
  await product.api.project('POST', '/fields', {
    key: 'odd',
    title: HOSTILE[3],
    kind: 'text',
    show_when_empty: true,
  });
  for (const text of HOSTILE) {
    await product.api.project('PATCH', `/contacts/${contactId}`, { fields: { name: [text], odd: [text] } });
    await desk.card.getByText(markOf(text)).first().waitFor();
  }
  await expectInert();
  await desk.goto('/clients');
  await desk.page
    .getByText(markOf(HOSTILE.at(-1)!))
    .first()
    .waitFor();
  await expectInert();
  await desk.open(conversationId);
});

test('names of files are text on both sides', async () => {
  const names = HOSTILE.map((text) => `${text}.txt`);
  for (let at = 0; at < names.length; at += 9) {
    const ids = [];
    for (const name of names.slice(at, at + 9))
      ids.push((await product.api.upload(name, 'text/plain', paper())).id);
    await product.api.send(conversationId, `файлы ${at}`, ids);
    await widget.bubble(`файлы ${at}`).last().waitFor();
    await desk.bubble(`файлы ${at}`).last().waitFor();
  }
  const files = names.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(paper()) }));
  await widget
    .part('input[type=file]')
    .setInputFiles(files.filter((file) => !file.name.includes('/')).slice(0, 9));
  await widget.part('.upload progress').first().waitFor({ state: 'detached' });
  await widget.say('и мои');
  await desk.bubble('и мои').last().waitFor();
  await expectInert();
});

test('names of an operator, a project and a rule’s field are text in the settings', async () => {
  await desk.changeMe({ name: HOSTILE[4]! });
  await product.api.call('PATCH', `/projects/${product.made.project_id}`, { name: HOSTILE[5] });
  await product.api.project('POST', '/multi-contact-rules', { fields: ['odd'] });
  for (const section of ['team', 'fields', 'multi-contacts', 'appearance', 'channels', 'install']) {
    await desk.settings(product.made.project_id, section);
    await desk.page.getByText(markOf(HOSTILE[5]!)).first().waitFor();
    await expectInert();
  }
});
