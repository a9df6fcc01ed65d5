// Opens both pages in every look: pictures to the folder, and what axe, the policy or the console say. `node scripts/look.mjs FOLDER`.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const folder = process.argv[2] ?? '/tmp/docs-looks';
mkdirSync(folder, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const server = await serve(0);
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: process.env.OTKLIK_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
let faults = 0;

for (const colorScheme of ['light', 'dark'])
  for (const width of [1280, 390])
    for (const lang of ['ru', 'en'])
      for (const path of ['/docs/js', '/api/docs']) await look({ colorScheme, width, lang, path });

await browser.close();
server.close();
console.log(faults ? `${faults} findings` : 'nothing found');
process.exitCode = faults ? 1 : 0;

async function look({ colorScheme, width, lang, path }) {
  const name = `${path.slice(1).replace('/', '-')}-${lang}-${colorScheme}-${width}`;
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme,
    reducedMotion: 'reduce',
  });
  const say = (text) => {
    faults += 1;
    console.log(`${name}: ${text}`);
  };
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && say(line.text()));
  page.on('pageerror', (error) => say(String(error)));
  page.on(
    'request',
    (request) => /^(https?:\/\/127\.|data:|blob:)/.test(request.url()) || say(`asks ${request.url()}`),
  );
  await page.goto(`${origin}${path}?lang=${lang}`);
  if (path === '/api/docs') {
    await page.waitForSelector('.opblock-tag');
    await page.evaluate(() => (location.hash = '#operations-messages-send_message'));
    await page.locator('#operations-messages-send_message .opblock-summary-control').click();
    await page.waitForSelector('#operations-messages-send_message .opblock-body');
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (wide > 0) say(`${wide} px too wide`);
  await page.screenshot({ path: `${folder}/${name}.png` });
  await page.evaluate(axe);
  const found = await page.evaluate(
    async () => (await window.axe.run({ resultTypes: ['violations'] })).violations,
  );
  for (const { id, impact, nodes } of found) {
    if (!['serious', 'critical'].includes(impact)) continue;
    for (const node of nodes) say(`${id}: ${node.target.join(' ')}: ${node.failureSummary}`);
  }
  if (path === '/api/docs') {
    await page.evaluate(() => document.getElementById('operations-messages-send_message').scrollIntoView());
  } else
    await page.evaluate(() =>
      document.querySelector('article:not([style]) h2:nth-of-type(3)')?.scrollIntoView(),
    );
  await page.screenshot({ path: `${folder}/${name}-below.png` });
  await page.close();
}
