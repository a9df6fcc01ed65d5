import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from './support/axe';
import { launchBrowser, newPerson } from './support/browser';
import { Desk, ru } from './support/desk';
import { HOSTILE } from './support/hostile';
import { LOOKS } from './support/looks';
import { MailServer } from './support/mail';
import { Product } from './support/product';
import { lookName, shot } from './support/shot';
import { connectMail } from './support/start-chat';
import { until } from './support/wait';

/** A letter as it looked, in a real Chromium: what was made to act does nothing, and nobody is told that it is open. */
let product: Product;
let mail: MailServer;
let browser: Browser;

const OTHERS = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../crates/channels/src/email/page/bleach.json'), 'utf8'),
) as string[];

/** Ours: what becomes something else when it is read twice, and what other browsers' findings were. */
const OURS = [
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=boom()&gt;">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=boom()>',
  '<svg></p><style><a id="</style><img src=1 onerror=boom()>">',
  '<svg><a><animate attributeName=href values=javascript:boom() /><text x=20 y=20>x</text></a>',
  '<math><annotation-xml encoding="text/html"><style><img src=x onerror=boom()></style></annotation-xml></math>',
  '<noscript><p title="</noscript><img src=x onerror=boom()>">',
  '<select><style></select><img src=x onerror=boom()></style>',
  '<div style="background:url(https://spy.example/b.png)">x</div><div style="background:u\\72l(//spy.example/c)">x</div>',
  '<img src="https://spy.example/1.gif"><img src="//spy.example/2.gif"><img srcset="https://spy.example/3.gif 1x" src="/f/x">',
  '<link rel=stylesheet href=https://spy.example/x.css><style>@import url(https://spy.example/y.css)</style>',
  '<video poster=https://spy.example/p.png src=https://spy.example/v.mp4 autoplay></video><audio src=https://spy.example/a autoplay>',
  '<iframe src=https://spy.example/f></iframe><object data=https://spy.example/o></object><embed src=https://spy.example/e>',
  '<body background=https://spy.example/bg><table background=https://spy.example/tb><tr><td>x</table>',
  '<meta http-equiv=refresh content="0;url=https://spy.example/m"><base href=https://spy.example/>',
  '<input type=image src=https://spy.example/i><form action=https://spy.example/ ><button autofocus onfocus=boom()>x</button></form>',
  '<a href="https://spy.example/ping" ping="https://spy.example/p">x</a><link rel=dns-prefetch href=//spy.example>',
];

const letters: { id: string; project: string }[] = [];

interface Said {
  id: string;
  content: { text: string; extra?: { letter?: { html?: boolean } } };
}

/** Everything that runs ends here; everything that is asked of others is noted. */
async function armed(page: Page): Promise<string[]> {
  const asked: string[] = [];
  await page.addInitScript(() => {
    const counter = window as unknown as Record<string, unknown> & { booms: number };
    counter.booms = 0;
    const boom = () => void counter.booms++;
    for (const name of ['boom', 'alert', 'confirm', 'prompt', 'print']) counter[name] = boom;
  });
  page.on('dialog', (dialog) => {
    asked.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.context().route('**/*', (route) => {
    const url = route.request().url();
    if (url.startsWith(product.origin) || url.startsWith('data:')) return route.continue();
    asked.push(url);
    return route.abort();
  });
  return asked;
}

beforeAll(async () => {
  [product, mail, browser] = await Promise.all([Product.start(), MailServer.start(), launchBrowser()]);
  await connectMail(product, mail);
  const vectors = [...OTHERS, ...OURS, ...HOSTILE];
  const bodies = Array.from({ length: Math.ceil(vectors.length / 12) }, (_, n) =>
    vectors.slice(n * 12, n * 12 + 12),
  );
  await mail.receive(
    ...bodies.map((body, n) => ({
      headers: {
        From: 'mallory@evil.example',
        Subject: `Vectors ${n}`,
        'Message-ID': `<v${n}@evil.example>`,
      },
      text: `vectors ${n}`,
      // Each in a block of its own: one does not swallow the next.
      html: `<p>begin ${n}</p>${body.map((vector) => `<div>${vector}</div>`).join('\n')}<p>end</p>`,
    })),
  );
  const found = await until('every letter', async () => {
    const all = await product.api.conversations();
    const mallory = all.find(({ contact }) => contact.handle === 'mallory@evil.example');
    if (!mallory) return null;
    const { items } = await product.api.project<{ items: Said[] }>(
      'GET',
      `/conversations/${mallory.id}/messages?limit=200`,
    );
    const said = items.filter(({ content }) => content.extra?.letter?.html);
    return said.length === bodies.length && said;
  });
  letters.push(...found.map(({ id }) => ({ id, project: product.made.project_id })));
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await mail?.stop();
});

const INJECTED =
  'script, style:not(head style), iframe, object, embed, base, link, meta[http-equiv], form, input, button, svg, math, template, video, audio, ' +
  '[onerror], [onload], [onclick], [onfocus], [ontoggle], [onbegin], [onmouseover], [id], [class], [srcset], [ping], [background], ' +
  'a[href^="javascript" i], a[href^="data" i], a[href^="vbscript" i], a:not([rel="noopener noreferrer"])[href], a:not([target="_blank"])[href]';

test('what is cleaned is inert even where nothing else holds it', { timeout: 120_000 }, async () => {
  const { page, context } = await newPerson(browser);
  const asked = await armed(page);
  await page.goto(`${product.origin}/sign-in`);
  let seen = 0;
  for (const { id } of letters) {
    const { status, text } = await product.api.raw(
      'GET',
      `/projects/${product.made.project_id}/messages/${id}/page`,
    );
    expect(status, text).toBe(200);
    // Without the sandbox and without the policy.
    const blank = await context.newPage();
    const also = await armed(blank);
    await blank.setContent(text, { waitUntil: 'load' });
    const found = await blank.evaluate((selector) => {
      for (const element of document.querySelectorAll<HTMLElement>('a, [tabindex]')) element.focus();
      return {
        booms: (window as unknown as { booms?: number }).booms ?? 0,
        injected: [...document.body.querySelectorAll(selector)].map((element) => element.outerHTML),
        begins: document.body.textContent?.includes('begin') ?? false,
      };
    }, INJECTED);
    expect(found, id).toEqual({ booms: 0, injected: [], begins: true });
    expect(also).toEqual([]);
    await blank.close();
    seen += 1;
  }
  expect(seen).toBeGreaterThan(20);
  expect(asked).toEqual([]);
  await context.close();
});

test('in the desk it stands in a frame without rights, and nobody is asked for anything', async () => {
  const { page, context } = await newPerson(browser);
  const desk = new Desk(page, product.origin);
  await desk.signIn();
  const asked = await armed(page);
  const conversation = (await product.api.conversations()).find(
    ({ contact }) => contact.handle === 'mallory@evil.example',
  )!;
  await desk.open(conversation.id);
  for (const { id } of letters.slice(0, 6)) {
    await page.locator(`[data-testid=message][data-id="${id}"]`).getByTestId('letter-page').click();
    const frame = page.getByTestId('letter-frame');
    await frame.waitFor();
    expect(await frame.getAttribute('sandbox')).toBe('allow-popups allow-popups-to-escape-sandbox');
    await page.frameLocator('[data-testid=letter-frame]').getByText('begin').first().waitFor();
    await page.keyboard.press('Escape');
    await desk.dialogsGone();
  }
  expect(await page.evaluate(() => (window as unknown as { booms?: number }).booms ?? 0)).toBe(0);
  expect(asked).toEqual([]);
  await context.close();
});

const SHOP = `<table width=600 bgcolor="#fff7e0"><tr><td style="padding:16px;font-family:Georgia"><h1 style="color:#b03a2e">Скидка</h1>
  <p>Торшер <b>«Сосна»</b></p><img src="cid:lamp@shop.example" alt="Торшер"><img src="https://pictures.example/lamp.png" alt="">
  <a href="https://shop.example/lamp">Открыть</a></td></tr></table>`;
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('a newsletter looks as it was sent; pictures of others come when they are asked for; a link opens a page of its own', async () => {
  await mail.receive({
    raw: [
      'Authentication-Results: mx.shop.example; spf=fail; dkim=none; dmarc=fail (p=none)',
      'From: Лавка <news@bank.example>\nSubject: Lamps\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=r\n',
      `--r\nContent-Type: text/html; charset=utf-8\n\n${SHOP}`,
      `--r\nContent-Type: image/png; name=lamp.png\nContent-ID: <lamp@shop.example>\nContent-Transfer-Encoding: base64\n\n${PIXEL}\n--r--\n`,
    ].join('\n'),
  });
  const conversation = await until('the letter', async () =>
    (await product.api.conversations()).find(({ contact }) => contact.handle === 'news@bank.example'),
  );
  for (const look of LOOKS) {
    const { page, context } = await newPerson(browser, {
      ...look,
      locale: look.locale === 'ru' ? 'ru-RU' : 'en-GB',
    });
    const desk = new Desk(page, product.origin);
    await desk.signIn();
    await desk.changeMe({ locale: look.locale });
    const asked = await armed(page);
    await desk.open(conversation.id);
    const bubble = desk.bubble('Скидка');
    await bubble.getByTestId('not-confirmed').locator('summary').click();
    if (look.locale === 'ru') await bubble.getByText(ru.letter_not_confirmed_text).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await bubble.getByTestId('letter-page').click();
    const letter = page.frameLocator('[data-testid=letter-frame]');
    await letter.getByRole('heading', { name: 'Скидка' }).waitFor();
    expect(await letter.locator('h1').evaluate((h1) => getComputedStyle(h1).color)).toBe('rgb(176, 58, 46)');
    const own = letter.getByAltText('Торшер');
    expect(await own.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1);
    expect(await letter.locator('html').evaluate((html) => getComputedStyle(html).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    expect(asked).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
    await shot(page, `letter-${lookName(look)}`);
    await page.getByTestId('letter-elsewhere').getByRole('button').click();
    await page.getByTestId('letter-pictures').waitFor();
    await until('the picture to be asked for', async () => asked.length > 0);
    expect(asked).toEqual(['https://pictures.example/lamp.png']);
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      letter.getByRole('link', { name: 'Открыть' }).click(),
    ]);
    expect(await opened.evaluate(() => window.opener === null)).toBe(true);
    await context.close();
  }
}, 120_000);
