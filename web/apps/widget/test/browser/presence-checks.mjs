// A silent visitor, the team's word to him, and what is typed, in a real Chromium: a part of run.mjs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { visiting } from './visit.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const WATCHED = { top: { telegram: null, visitors: true } };
const HOSTILE = '<img src=x onerror="window.hacked=1">Здравствуйте, помочь?';

const framesOf = (server, type) => server.state.frames.filter((frame) => frame.type === type);

async function until(holds, what) {
  for (let turn = 0; turn < 50; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`${what}: not within 5 seconds`);
}

async function seriousOf(page) {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id }) => id);
}

export const presenceChecks = {
  async 'a silent visitor is told with one script more, and called without a press'() {
    await visiting({ fake: { config: WATCHED } }, async ({ visit, page, server, context }) => {
      await until(() => framesOf(server, 'auth').length === 1, 'auth');
      const [auth] = framesOf(server, 'auth');
      assert.equal(auth.visit.visits, 1);
      assert.equal(auth.visit.pages, 1);
      assert.equal(auth.visit.device, 'desktop');
      assert.deepEqual(
        visit.scripts().map((url) => new URL(url).pathname.replace(/-.*/, '')),
        ['/w.js', '/w/presence'],
      );
      await page.evaluate(() => {
        document.title = 'Лампы';
        history.pushState({}, '', '/lamps');
      });
      await until(() => framesOf(server, 'page').at(-1)?.url.endsWith('/lamps'), 'page');

      server.state.unread = 1;
      server.reply({ text: HOSTILE });
      for (const live of server.state.sockets)
        live.send(JSON.stringify({ type: 'called', contact_id: 'con_1' }));
      const teaser = page.locator('otklik-chat .teaser');
      await teaser.waitFor();
      assert.equal(await teaser.locator('.tell').innerText(), `Анна\n${HOSTILE}`);
      assert.equal(await page.evaluate(() => document.activeElement.tagName), 'BODY');
      assert.equal(
        await page.locator('otklik-chat [aria-live=polite].said').textContent(),
        `Анна: ${HOSTILE}`,
      );
      await until(() => server.state.sockets.size === 1, 'one line');
      const tokens = framesOf(server, 'auth').map((frame) => frame.visitor_token);
      assert.match(tokens[0], /^[0-9a-f]{32}$/);
      assert.equal(new Set(tokens).size, 1);
      assert.deepEqual(await seriousOf(page), []);
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/teaser.png` });

      await teaser.locator('.tell').click();
      await page.locator('otklik-chat .bubble', { hasText: 'помочь' }).waitFor();
      assert.equal(await teaser.count(), 0);
      assert.deepEqual(await page.evaluate(() => window.violations), []);
      assert.deepEqual(visit.faults, []);
      assert.equal(await page.evaluate(() => window.hacked), undefined);
      assert.equal(await page.evaluate(() => window.shift), 0);
      assert.deepEqual(await context.cookies(), []);
    });
  },

  async 'a word that was put away does not come back, and a newer one does'() {
    await visiting({ fake: { config: WATCHED } }, async ({ page, server }) => {
      await until(() => framesOf(server, 'auth').length === 1, 'auth');
      server.state.unread = 1;
      server.reply({ text: 'Первое' });
      for (const live of server.state.sockets)
        live.send(JSON.stringify({ type: 'called', contact_id: 'con_1' }));
      const teaser = page.locator('otklik-chat .teaser');
      await teaser.getByRole('button', { name: 'Скрыть сообщение' }).focus();
      await page.keyboard.press('Escape');
      await until(async () => (await teaser.count()) === 0, 'put away');
      const focused = await page.evaluate(
        () => document.querySelector('otklik-chat').shadowRoot.activeElement?.className,
      );
      assert.equal(focused, 'fab');
      await page.reload();
      await page.locator('otklik-chat .badge', { hasText: '1' }).waitFor();
      await page.waitForTimeout(800);
      assert.equal(await teaser.count(), 0);
      server.reply({ text: 'Второе' });
      await teaser.filter({ hasText: 'Второе' }).waitFor();
    });
  },

  async 'nothing is told before the page allows it'() {
    const setup = (chat) => ({
      head: `<script nonce="page">window.ChatSetup={consent:'pending'}</script><script async src="${chat}/w.js?p=site_fake"></script>`,
    });
    await visiting({ fake: { config: WATCHED }, host: setup }, async ({ page, server }) => {
      await page.waitForTimeout(1_500);
      assert.deepEqual(server.state.frames, []);
      assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
      await page.evaluate(() => window.Chat('setConsent', 'granted'));
      await until(() => framesOf(server, 'auth').length === 1, 'auth');
      await page.evaluate(() => window.Chat('setConsent', 'denied'));
      await until(() => server.state.sockets.size === 0, 'no line');
      assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
    });
  },

  async 'typed words are told only where the owner wants it, and the visitor reads so'() {
    for (const typing_preview of [false, true]) {
      const fake = { config: { top: { ...WATCHED.top, typing_preview } } };
      await visiting({ fake }, async ({ visit, page, server }) => {
        await visit.open();
        const note = page.locator('otklik-chat #watched');
        assert.equal(await note.count(), Number(typing_preview));
        await page.locator('otklik-chat textarea').fill('Сколько стоит');
        await until(() => framesOf(server, 'typing').length > 0, 'typing');
        assert.equal(framesOf(server, 'typing')[0].text, typing_preview ? 'Сколько стоит' : undefined);
        assert.deepEqual(await seriousOf(page), []);
        if (process.env.SHOTS && typing_preview)
          await page.screenshot({ path: `${process.env.SHOTS}/watched.png` });
      });
    }
  },
};
