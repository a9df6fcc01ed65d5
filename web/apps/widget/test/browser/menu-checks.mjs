// Menu buttons in a real Chromium: a part of run.mjs.
import assert from 'node:assert/strict';
import { BUTTONS } from './menu-buttons.mjs';
import { visiting } from './visit.mjs';

export const menuChecks = {
  async 'menu buttons: a row while open, one lazy script before, nothing blocked, the focus stays'() {
    const config = {
      appearance: { menu: 'always' },
      top: { menu_buttons: BUTTONS, time_zone: 'Europe/Moscow' },
    };
    await visiting({ fake: { config } }, async ({ visit, page, server, context }) => {
      const pills = page.locator('otklik-chat .menu .pill');
      await pills.first().waitFor();
      // Neither the one of phones nor the one of the night; the launcher keeps no Telegram of its own.
      const names = ['Подобрать светильник', 'Telegram', 'Перезвоните мне', 'Таблица размеров', 'Каталог'];
      assert.deepEqual((await page.locator('otklik-chat .pill').allInnerTexts()).sort(), [...names].sort());
      assert.equal(visit.scripts().length, 2);
      assert.equal(await page.evaluate(() => document.activeElement.tagName), 'BODY');
      const boxes = async () => Promise.all((await pills.all()).map((pill) => pill.boundingBox()));
      assert.equal(new Set((await boxes()).map(({ y }) => y)).size, 5);
      await page.evaluate(() => window.Chat('on', 'menu', (data) => (window.told = data)));
      await pills.filter({ hasText: 'Таблица' }).click();
      assert.deepEqual(await page.evaluate(() => window.told), { name: 'sizes', id: 'mbt_5' });

      // In the order of the owner, for eyes and for keys.
      assert.deepEqual(await pills.allInnerTexts(), names);
      const tops = (await boxes()).map(({ y }) => y);
      assert.deepEqual(
        tops,
        [...tops].sort((a, b) => a - b),
      );

      await pills.filter({ hasText: 'Подобрать' }).press('Enter');
      await page.locator('otklik-chat .bubble', { hasText: 'Какой у вас телефон?' }).waitFor();
      const heights = (await boxes()).map(({ y }) => y);
      assert.equal(heights.filter((y) => y === Math.max(...heights)).length, 4);
      const panel = await page.locator('otklik-chat .panel').boundingBox();
      for (const { x, width, y } of await boxes())
        assert.ok(y > panel.y + panel.height || x + width < panel.x);

      await pills.filter({ hasText: 'Перезвоните' }).click();
      const field = page.locator('otklik-chat .call input');
      await field.fill('не скажу');
      await field.press('Enter');
      assert.equal(await field.evaluate((node) => node.validity.patternMismatch), true);
      await field.fill('+7 912 555-01-41');
      await field.press('Enter');
      await page.locator('otklik-chat .bubble', { hasText: 'Перезвоните мне: +7 912 555-01-41' }).waitFor();
      assert.equal(
        await page.evaluate(() => document.querySelector('otklik-chat').shadowRoot.activeElement.className),
        'panel',
      );
      const told = server.state.frames.find((frame) => frame.type === 'fields');
      assert.deepEqual(told.fields, { phone: '+7 912 555-01-41' });

      await context.route('https://t.me/**', (route) => route.fulfill({ body: 'telegram' }));
      const [bot] = await Promise.all([
        context.waitForEvent('page'),
        pills.filter({ hasText: 'Telegram' }).click(),
      ]);
      await bot.waitForURL('https://t.me/tihiysvet_bot?start=abc');
      await bot.close();
      await context.route('https://shop.example/**', (route) => route.fulfill({ body: 'shop' }));
      const [tab] = await Promise.all([
        context.waitForEvent('page'),
        pills.filter({ hasText: 'Каталог' }).click(),
      ]);
      assert.equal(tab.url(), 'https://shop.example/catalogue');
      // The loader, what stands beside the launcher, the core, the panel, the form.
      assert.equal(visit.scripts().length, 5);
      assert.deepEqual(await page.evaluate(() => window.violations), []);
      assert.deepEqual(visit.faults, []);
    });
  },

  async 'a menu button pressed without a line says so, and leaves once'() {
    const config = { top: { menu_buttons: BUTTONS } };
    await visiting({ fake: { config } }, async ({ visit, page, server }) => {
      await visit.open();
      server.state.blocksSockets = true;
      await page.route('**/w/v1/messages**', (route) => route.abort());
      server.dropSockets();
      await page.locator('otklik-chat .pill', { hasText: 'Подобрать' }).click();
      await page.locator('otklik-chat .status', { hasText: 'В очереди' }).waitFor({ timeout: 9000 });
      server.state.blocksSockets = false;
      server.state.refusesLaunches = true;
      await page
        .locator('otklik-chat .status', { hasText: 'бот сейчас не отвечает' })
        .waitFor({ timeout: 30_000 });
      server.state.refusesLaunches = false;
      await page.locator('otklik-chat .status button').click();
      await page.locator('otklik-chat .bubble', { hasText: 'Какой у вас телефон?' }).waitFor();
      assert.equal(server.state.messages.length, 1);
    });
  },

  async 'a phone: menu buttons stand above the composer, never over it'() {
    const context = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const config = { top: { menu_buttons: BUTTONS } };
    await visiting({ context, fake: { config } }, async ({ visit, page }) => {
      assert.equal(await page.locator('otklik-chat .menu .pill').count(), 0);
      await visit.open();
      const composer = await page.locator('otklik-chat .composer').boundingBox();
      const pills = await page.locator('otklik-chat .menu .pill').all();
      assert.equal(pills.length, 6);
      for (const pill of pills) {
        const box = await pill.boundingBox();
        assert.ok(box.y + box.height <= composer.y && box.height >= 44);
      }
      await page.keyboard.press('Escape');
      assert.ok(await page.locator('otklik-chat .menu').isHidden());
    });
  },
};
