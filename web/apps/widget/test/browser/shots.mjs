// Pictures of the panel in its main states, for looking at: `node test/browser/shots.mjs FOLDER`.
import { chromium } from 'playwright-core';
import { BROWSER } from './browser.mjs';
import { startFakeServer } from './fake-server.mjs';

const luna = {
  id: 'fil_l',
  name: 'luna.png',
  mime: 'image/png',
  size: 4200,
  url: '/f/pictures/luna.svg',
  width: 188,
  height: 72,
};
const rules = {
  id: 'fil_r',
  name: 'Паспорт изделия.pdf',
  mime: 'application/pdf',
  size: 248_000,
  url: '/f/x',
};

async function talk(server, page, { withCard }) {
  const field = page.locator('otklik-chat textarea');
  await field.fill('«Луна 40» есть матовая?');
  await field.press('Enter');
  await page.waitForTimeout(100);
  server.reply({ text: 'Да, на складе две:' });
  if (withCard) {
    const buttons = [[{ id: 'b', label: 'Открыть товар', kind: 'url', url: 'https://shop.example/luna' }]];
    server.reply({ text: '**Подвес «Луна 40»**, 14 900 ₽', attachments: [luna], buttons });
  } else {
    server.reply({ text: 'Матовое стекло, размеры внутри', attachments: [rules] });
  }
  await field.fill('Беру. Когда привезёте?');
  await field.press('Enter');
  await page.waitForTimeout(100);
  server.broadcast({ type: 'read', seq: server.state.messages.length });
  const button = (id, label) => ({ id, label, kind: 'reply' });
  const buttons = [[button('1', 'Четверг, 10–14'), button('2', 'Суббота')], [button('3', 'Самовывоз')]];
  server.reply({ text: 'В Екатеринбург можно так:', buttons });
  await page.waitForTimeout(400);
}

const folder = process.argv[2];
const browser = await chromium.launch(BROWSER);
const cases = [
  { name: 'desktop-light', width: 1280, height: 800, colorScheme: 'light', withCard: true },
  { name: 'desktop-dark', width: 1280, height: 800, colorScheme: 'dark', withCard: true },
  { name: 'phone-light', width: 390, height: 844, colorScheme: 'light', withCard: false },
  { name: 'phone-dark', width: 390, height: 844, colorScheme: 'dark', withCard: false },
];
for (const { name, width, height, colorScheme, withCard } of cases) {
  const server = await startFakeServer();
  const isPhone = width < 480;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale: 'ru-RU',
    hasTouch: isPhone,
    isMobile: isPhone,
  });
  const page = await context.newPage();
  await page.goto(server.address + '/demo/');
  await page.locator('otklik-chat .fab').waitFor();
  await page.screenshot({ path: `${folder}/${name}-closed.png` });
  await page.locator('otklik-chat .fab').click();
  await page.locator('otklik-chat textarea').waitFor();
  await talk(server, page, { withCard });
  await page.screenshot({ path: `${folder}/${name}-open.png` });
  if (name === 'desktop-light') {
    await page.locator('otklik-chat input[type=file]').setInputFiles([
      { name: 'План комнаты.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(90_000, 1) },
      { name: 'setup.exe', mimeType: 'application/x-msdownload', buffer: Buffer.alloc(9000, 1) },
      { name: 'Ролик.mov', mimeType: 'video/quicktime', buffer: Buffer.alloc(21 * 1024 * 1024, 1) },
    ]);
    server.broadcast({ type: 'typing', author: { name: 'Анна' } });
    await page.locator('otklik-chat textarea').fill('/refuse');
    await page.waitForTimeout(600);
    await page.screenshot({ path: `${folder}/${name}-uploads.png` });
    for (let i = 0; i < 2; i += 1)
      await page.locator('otklik-chat .upload.failed button.icon').first().click();
    await page.locator('otklik-chat textarea').press('Enter');
    server.state.blocksSockets = true;
    server.dropSockets();
    await page.waitForTimeout(3500);
    await page.screenshot({ path: `${folder}/${name}-failed.png` });
  }
  await context.close();
  await server.close();
}
await browser.close();
