// Checks 3 to 5 of the UX bar and the delivery promises, in a real Chromium against the fake server:
// `npm run browser -w apps/widget` after a build.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { BUTTONS } from './menu-buttons.mjs';
import { menuChecks } from './menu-checks.mjs';
import { presenceChecks } from './presence-checks.mjs';
import { SITE_KEY, startFakeServer } from './fake-server.mjs';
import { browser, snippet, visiting } from './visit.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const HOSTILE =
  '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> javascript:alert(1) https://evil.example/"onx=1';

const checks = {
  ...menuChecks,
  ...presenceChecks,
  async 'strict policy: two requests before opening, three scripts after, nothing blocked'() {
    const fake = { config: { top: { telegram: null } } };
    await visiting({ fake }, async ({ visit, page, server, context }) => {
      await page.waitForTimeout(500);
      const own = visit.requests.filter((request) => request.url().startsWith(server.address));
      assert.deepEqual(
        own.map((request) => new URL(request.url()).pathname),
        ['/w.js', '/w/v1/config'],
      );
      await visit.open();
      await visit.say('Здравствуйте');
      const picture = {
        id: 'f',
        name: 'a.png',
        mime: 'image/png',
        size: 1,
        url: '/f/pictures/luna.svg',
        width: 188,
        height: 170,
      };
      server.reply({ text: HOSTILE, attachments: [picture] });
      server.reply({ text: 'Выберите', buttons: [[{ id: '1', label: 'Да', kind: 'reply' }]] });
      await page.locator('otklik-chat .chip').click();
      await page.waitForTimeout(400);
      assert.equal(visit.scripts().length, 3);
      assert.deepEqual(await page.evaluate(() => window.violations), []);
      assert.deepEqual(visit.faults, []);
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      assert.equal(await page.evaluate(() => window.shift), 0);
      assert.deepEqual(await context.cookies(), []);
      const foreign = visit.requests.filter((request) => {
        const { port } = new URL(request.url());
        return !server.address.endsWith(port) && !page.url().includes(port);
      });
      assert.deepEqual(
        foreign.map((request) => request.url()),
        [],
      );
      assert.equal(server.state.messages.at(-1).content.text, 'Да');
      assert.ok(await page.locator('otklik-chat img').evaluate((node) => node.naturalWidth > 0));
    });
  },

  async 'adds Chat and TalkMe and nothing else, once for two snippets'() {
    const twice = (chat) => ({
      head:
        `<script nonce="page">window.before=new Set(Object.keys(window))</script>` +
        snippet(chat) +
        snippet(chat),
    });
    await visiting({ host: twice }, async ({ page }) => {
      const added = await page.evaluate(() => Object.keys(window).filter((name) => !window.before.has(name)));
      assert.deepEqual(
        added.filter((name) => !['before', 'shift', 'violations'].includes(name)),
        ['Chat', 'TalkMe'],
      );
      assert.equal(await page.locator('otklik-chat').count(), 1);
    });
  },

  async 'the source product’s snippet works unchanged'() {
    const old = (chat) => ({
      head: `<script nonce="page">(function(d,w,m){window.supportAPIMethod=m;w[m]=w[m]||function(){(w[m].q=w[m].q||[]).push(arguments)};
        var s=d.createElement('script');s.id='supportScript';s.async=true;s.src='${chat}/support.js?h=${SITE_KEY}';
        d.head.appendChild(s)})(document,window,'TalkMe');window.TalkMeSetup={language:'en',clientId:'A-17'};
        TalkMe('setClientInfo',{name:'Ира',phone:'+79125550141',custom:{contract:'7'}});TalkMe('setCallback','openSupport',function(){window.opened=1});
        TalkMe('openSupport')</script>`,
      isStrict: false,
      charset: 'utf-8',
    });
    await visiting({ host: old }, async ({ page, server }) => {
      await page.locator('otklik-chat textarea').waitFor();
      await page.waitForTimeout(400);
      assert.equal(await page.evaluate(() => window.opened), 1);
      assert.equal(await page.locator('otklik-chat textarea').getAttribute('placeholder'), 'Your message');
      const fields = server.state.frames
        .filter((frame) => frame.type === 'fields')
        .map((frame) => frame.fields);
      // Told before there was a line, so all of it goes at once.
      const told = { customer_id: 'A-17', name: 'Ира', phone: '+79125550141', contract: '7' };
      assert.deepEqual(fields, [told]);
      // Nobody has touched the page: the panel must not take the focus.
      assert.equal(await page.evaluate(() => document.activeElement.tagName), 'BODY');
    });
  },

  async 'twenty messages through a dying server arrive once and in order'() {
    await visiting({}, async ({ visit, page, server }) => {
      await visit.open();
      for (let i = 1; i <= 20; i += 1) {
        await visit.say(i % 7 === 0 ? '/die' : `номер ${i}`);
        if (i === 10) server.dropSockets();
      }
      await page.waitForFunction(
        () => document.querySelector('otklik-chat').shadowRoot.querySelector('.status.sent,.status.read'),
        null,
        {
          timeout: 20_000,
        },
      );
      const wanted = Array.from({ length: 20 }, (_, i) => ((i + 1) % 7 === 0 ? '/die' : `номер ${i + 1}`));
      assert.deepEqual(
        server.state.messages.map((message) => message.content.text),
        wanted,
      );
      assert.deepEqual(await visit.bubbles(), wanted);
    });
  },

  async 'messages written without a connection survive a reload and leave once'() {
    await visiting({}, async ({ visit, page, server }) => {
      await visit.open();
      server.state.blocksSockets = true;
      await page.route('**/w/v1/messages**', (route) => route.abort());
      server.dropSockets();
      await visit.say('первое');
      await visit.say('второе');
      await page.waitForTimeout(3000);
      assert.match(await page.locator('otklik-chat .banner').innerText(), /Нет связи/);
      assert.match(await page.locator('otklik-chat .status').innerText(), /В очереди/);
      await page.reload();
      server.state.blocksSockets = false;
      await page.unroute('**/w/v1/messages**');
      await page.waitForFunction(
        () => !Object.keys(localStorage).some((name) => name.includes(':out:')),
        null,
        { timeout: 9000 },
      );
      assert.deepEqual(
        server.state.messages.map((message) => message.content.text),
        ['первое', 'второе'],
      );
    });
  },

  async 'without sockets the words go over HTTP and answers are fetched'() {
    const server = await startFakeServer();
    server.state.blocksSockets = true;
    await visiting({ server }, async ({ visit, page }) => {
      await visit.open();
      await visit.say('есть кто?');
      await page.locator('otklik-chat .status.sent').waitFor({ timeout: 15_000 });
      server.reply({ text: 'есть' });
      await page.locator('otklik-chat .bubble', { hasText: /^есть$/ }).waitFor({ timeout: 9000 });
    });
  },

  async 'an answer to a visitor who has left shows as unread, then as read'() {
    await visiting({}, async ({ visit, page, server }) => {
      await visit.open();
      await visit.say('жду');
      await page.waitForTimeout(200);
      await page.keyboard.press('Escape');
      assert.equal(
        await page.evaluate(() => document.querySelector('otklik-chat').shadowRoot.activeElement.className),
        'fab',
      );
      server.reply({ text: 'вот ответ' });
      await page.locator('otklik-chat .badge', { hasText: '1' }).waitFor();
      assert.equal(
        await page.locator('otklik-chat .fab').getAttribute('aria-label'),
        'Открыть чат, 1 непрочитанное',
      );
      server.state.unread = 1;
      await page.reload();
      await page.locator('otklik-chat .badge', { hasText: '1' }).waitFor();
      assert.equal(visit.scripts().filter((url) => url.includes('panel')).length, 1);
      server.reply({ text: 'и ещё' });
      await page.locator('otklik-chat .badge', { hasText: '2' }).waitFor();
      server.state.frames.length = 0;
      await visit.open();
      assert.ok(server.state.frames.some((frame) => frame.type === 'read' && frame.seq === 3));
      assert.deepEqual(await visit.bubbles(), ['жду', 'вот ответ', 'и ещё']);
      assert.ok(await page.locator('otklik-chat .badge').isHidden());
    });
  },

  async 'a long history is fetched page by page without a jump'() {
    const server = await startFakeServer();
    await visiting({ server }, async ({ visit, page }) => {
      await visit.open();
      for (let i = 1; i <= 80; i += 1) server.reply({ text: `строка ${i}` });
      await page.reload();
      await visit.open();
      assert.equal((await visit.bubbles()).length, 30);
      const log = page.locator('otklik-chat .log');
      const top = () =>
        page
          .locator('otklik-chat .bubble', { hasText: 'строка 51' })
          .first()
          .evaluate((n) => n.getBoundingClientRect().top);
      await log.evaluate((node) => (node.scrollTop = 59));
      const before = await top();
      await page.waitForTimeout(500);
      assert.ok((await visit.bubbles()).length >= 60);
      assert.ok(Math.abs((await top()) - before) <= 1, `moved by ${(await top()) - before}`);
    });
  },

  async 'a phone: full screen, page inert, 16 px field, Escape gives the page back'() {
    const context = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    await visiting({ context }, async ({ visit, page }) => {
      await visit.open();
      const box = await page.locator('otklik-chat .panel').boundingBox();
      assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 390, 844]);
      assert.equal(await page.evaluate(() => document.body.inert), true);
      assert.equal(await page.locator('otklik-chat .panel').getAttribute('aria-modal'), 'true');
      assert.equal(
        await page.locator('otklik-chat textarea').evaluate((node) => getComputedStyle(node).fontSize),
        '16px',
      );
      await page.keyboard.press('Escape');
      assert.equal(await page.evaluate(() => document.body.inert), false);
      assert.ok(await page.locator('otklik-chat .panel').isHidden());
    });
  },

  async 'files: progress to a chip, refusals with a reason, sent with the words'() {
    await visiting({}, async ({ visit, page, server }) => {
      await visit.open();
      await page.locator('otklik-chat input[type=file]').setInputFiles([
        { name: 'план.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(90_000, 1) },
        { name: 'setup.exe', mimeType: 'application/x-msdownload', buffer: Buffer.alloc(9000, 1) },
      ]);
      await page.locator('otklik-chat .upload.failed', { hasText: 'Программы прикреплять нельзя' }).waitFor();
      await visit.say('план');
      await page.locator('otklik-chat .row .file', { hasText: 'план.pdf' }).waitFor();
      assert.equal(server.state.messages[0].content.attachments.length, 1);
      await visit.say('/refuse');
      await page.locator('otklik-chat .status.notSent', { hasText: 'чат закрыт' }).waitFor();
      const tries = () => server.state.frames.filter((frame) => frame.content?.text === '/refuse').length;
      const before = tries();
      await page.locator('otklik-chat .status.notSent button').click();
      await page.waitForTimeout(300);
      assert.equal(tries(), before + 1);
      assert.deepEqual(
        visit.faults.filter((fault) => !fault.includes('422')),
        [],
      );
    });
  },

  async 'the Telegram button opens the visitor’s own link, the plain one when that fails'() {
    await visiting({}, async ({ page, context, server }) => {
      await context.route('https://t.me/**', (route) => route.fulfill({ body: 'telegram' }));
      const opened = async () => {
        const [tab] = await Promise.all([
          context.waitForEvent('page'),
          page.locator('otklik-chat .pill', { hasText: 'Telegram' }).click(),
        ]);
        await tab.waitForURL('https://t.me/**');
        return tab.url();
      };
      assert.equal(await opened(), 'https://t.me/tihiysvet_bot?start=abc');
      server.state.failsLinks = true;
      assert.equal(await opened(), 'https://t.me/tihiysvet_bot');
    });
  },

  async 'the page’s calls: place, hide, show, ask, reload, destroy'() {
    await visiting({}, async ({ visit, page }) => {
      const fab = page.locator('otklik-chat .fab');
      await page.evaluate(() => window.Chat('setPosition', 100, -200));
      const box = await page.locator('otklik-chat .bar').boundingBox();
      assert.deepEqual([box.x, Math.round(box.y + box.height)], [100, 600]);
      await page.evaluate(() => window.TalkMe('hideTrigger'));
      assert.ok(await fab.isHidden());
      await page.evaluate(() => window.Chat('open'));
      await page.locator('otklik-chat textarea').waitFor();
      assert.deepEqual(await page.evaluate(() => window.Chat('get', 'state')), { open: true, unread: 0 });
      assert.equal(await page.evaluate(() => window.Chat('get', 'visitorId')), null);
      await page.evaluate(() => window.Chat('setLocale', 'en'));
      await page.locator('otklik-chat textarea[placeholder="Your message"]').waitFor();
      await page.evaluate(() => (window.Chat('toggle'), window.Chat('show')));
      assert.ok(await fab.isVisible());
      await page.evaluate(() => window.Chat('reload'));
      await fab.waitFor();
      await page.evaluate(() => window.TalkMe('openSupport'));
      await page.locator('otklik-chat textarea').waitFor();
      assert.equal(await page.locator('otklik-chat').count(), 1);
      await page.evaluate(() => (window.Chat('destroy'), window.Chat('open')));
      assert.equal(await page.locator('otklik-chat').count(), 0);
      assert.deepEqual(visit.faults, []);
    });
  },

  async 'page changes of a single-page site are told, page keys do not steal letters'() {
    await visiting({}, async ({ visit, page, server }) => {
      await visit.open();
      await page.evaluate(() => {
        window.keys = 0;
        document.addEventListener('keydown', () => (window.keys += 1));
        history.pushState({}, '', '/cart');
        document.title = 'Корзина';
      });
      await page.locator('otklik-chat textarea').pressSequentially('ss');
      await page.waitForTimeout(200);
      assert.equal(await page.evaluate(() => window.keys), 0);
      const told = server.state.frames.find((frame) => frame.type === 'page');
      assert.match(told.url, /\/cart$/);
      assert.equal(told.title, 'Корзина');
      assert.ok(server.state.frames.some((frame) => frame.type === 'typing'));
    });
  },

  async 'axe finds nothing serious, light and dark, desktop and phone'() {
    const axe = await readFile(AXE, 'utf8');
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [1280, 390]) {
        const context = { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' };
        await visiting(
          {
            context,
            fake: { config: { appearance: { menu: 'always' }, top: { menu_buttons: BUTTONS } } },
            host: (chat) => ({ head: snippet(chat), isStrict: false }),
          },
          async ({ visit, page, server }) => {
            await visit.open();
            await visit.say('Здравствуйте');
            server.reply({
              text: 'Добрый день, https://shop.example',
              buttons: [[{ id: '1', label: 'Да', kind: 'reply' }]],
            });
            await visit.say('/refuse');
            await page.waitForTimeout(400);
            await page.locator('otklik-chat .pill', { hasText: 'Перезвоните' }).click();
            await page.waitForTimeout(300);
            await page.evaluate(axe);
            const found = await page.evaluate(() => window.axe.run('otklik-chat'));
            const bad = found.violations.filter(
              ({ impact }) => impact === 'serious' || impact === 'critical',
            );
            assert.deepEqual(
              bad.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]),
              [],
            );
          },
        );
      }
    }
  },
};

let failed = 0;
const only = process.argv[2];
for (const [name, check] of Object.entries(checks)) {
  if (only && !name.includes(only)) continue;
  try {
    await check();
    console.log('ok   ', name);
  } catch (error) {
    failed += 1;
    console.log('FAIL ', name, '\n', error.message);
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
