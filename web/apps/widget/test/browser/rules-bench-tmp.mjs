// How long a page waits for a hundred auto-actions, none of which acts: the dearest case. Fresh pages in a real Chromium whose processor
// is slowed down: `npm run bench -w apps/widget` after a build, `-- 1` for a processor as it is. Asked: 2 ms slowed four times, no layout.
// Clocks of a page tell tenths of a millisecond, and what else the machine does is in the figures, so the smallest is shown, too.
import { chromium } from 'playwright-core';
import { conditions } from '../../../../packages/site-rules/bench-rules.mjs';
import { BROWSER } from './browser.mjs';
import { SITE_KEY, startFakeServer } from './fake-server.mjs';
import { startHost } from './host.mjs';

const SLOWED = Number(process.argv[2] ?? 4);
const PAGES = 7;
const RULES = 100;
const AGAIN = 2;
const REST_MS = 60;

/** Where the rules are asked, at any time of the day. */
const PAGE = { host: 'магазин.localhost', minutes: [0, 1440], seconds: 0 };

const rule = (start) => (_, number) => {
  const id = `aut_${start}_${number}`;
  return { id, start, when: conditions(number, PAGE), limit: ['v', 1], pause: 30, do: [] };
};
const hour = 3_600_000;
const shown = Array.from({ length: 20 }, (_, at) => ({
  id: `aut_${at}`,
  at: new Date(Date.now() - hour * (at + 1)).toISOString(),
}));
const told = (start) => ({
  zone: [[0, 10_800]],
  rules: Array.from({ length: RULES }, rule(start)),
  suggests: [],
  operators_online: true,
  country: null,
  visitor: {
    facts: { 'field.phone': ['+79110000000', '8 911 000-00-00'], tag: ['vip', 'new'] },
    shown,
    open_dialog: false,
  },
});

/** Runs in the page before anything else: how long each piece of work takes, with what hangs on it. */
function watch() {
  addEventListener('DOMContentLoaded', () => (document.title = 'Купить диван в Москве — МАГАЗИН'));
  window.pieces = [];
  const timed = (act) => () => {
    const began = performance.now();
    act();
    let hops = 20;
    const hop = () => (--hops ? queueMicrotask(hop) : window.pieces.push(performance.now() - began));
    hop();
  };
  for (const name of ['setTimeout', 'requestIdleCallback']) {
    const real = window[name].bind(window);
    window[name] = (act, ...more) => real(timed(act), ...more);
  }
}

/** What one fresh page takes. */
async function visit(browser, address, start) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ru-RU' });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.addInitScript(watch);
  const json = JSON.stringify(told(start));
  const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' };
  let isAsked;
  const asked = new Promise((resolve) => (isAsked = resolve));
  await page.route('**/w/v1/rules*', async (route) => {
    await page.evaluate(() => (window.pieces = []));
    await route.fulfill({ body: json, contentType: 'application/json', headers });
    isAsked();
  });
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWED });
  await page.goto(address, { referer: 'https://yandex.ru/search/' });
  await asked;
  await page.waitForTimeout(2_000);
  const ready = await page.evaluate(() => window.pieces);
  const layouts = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'LayoutCount').value;
  };
  const before = await layouts();
  const times = await page.evaluate(start === 'exit' ? leave : turn, [AGAIN, REST_MS]);
  const laidOut = (await layouts()) - before;
  console.log(JSON.stringify(times.map((t)=>t.map((x)=>+x.toFixed(1)))));
  await context.close();
  return { ready, times, laidOut };
}

/** The pointer leaves the page through its top, again and again. */
async function leave([again, rest]) {
  const times = [];
  // Through another side: the browser's own part of it is not cold any more.
  document.documentElement.dispatchEvent(new MouseEvent('mouseleave', { clientY: 9 }));
  for (let round = 0; round < again; round++) {
    await new Promise((resolve) => setTimeout(resolve, rest));
    window.pieces = [];
    const began = performance.now();
    document.documentElement.dispatchEvent(new MouseEvent('mouseleave', { clientY: 0 }));
    const first = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, rest * 2));
    // The last piece is the bench's own rest.
    times.push([first, ...window.pieces.slice(0, -1)]);
  }
  return times;
}

/** A single-page application turns to another page, again and again; the count of it is kept in the storage, too. */
async function turn([again, rest]) {
  const times = [];
  for (let round = 0; round < again; round++) {
    await new Promise((resolve) => setTimeout(resolve, rest));
    window.pieces = [];
    history.pushState(null, '', `./item-${round}?utm_source=yandex#top`);
    await new Promise((resolve) => setTimeout(resolve, rest * 2));
    times.push(window.pieces.slice(0, -1));
  }
  return times;
}

function show(name, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const [least, middle, most] = [0, sorted.length >> 1, sorted.length - 1].map((at) => sorted[at].toFixed(1));
  console.log(`${name.padEnd(44)} ${least.padStart(6)} ${middle.padStart(6)} ${most.padStart(6)}`);
}

const server = await startFakeServer({ config: { top: { rules: true } } });
const head = `<script async src="${server.address}/w.js?p=${SITE_KEY}"></script>`;
const host = await startHost(server.address, { head });
const shop = host.address.replace('127.0.0.1', 'xn--80aairftm.localhost');
const address = `${shop}${encodeURI('каталог/диваны/')}item?utm_source=yandex&utm_medium=cpc#top`;
const browser = await chromium.launch(BROWSER);
console.log(
  `${RULES} auto-actions of 12 conditions, slowed ${SLOWED} times, ${PAGES} pages each; ms: least, median, most`,
);
for (const start of ["page"]) {
  const visits = [];
  for (let number = 0; number < PAGES; number++) visits.push(await visit(browser, address, start));

  show(
    `${start}: made ready, all pieces together`,
    visits.map(({ ready }) => ready.reduce((a, b) => a + b, 0)),
  );
  show(
    `${start}: number of pieces`,
    visits.map(({ ready }) => ready.length),
  );
  show(
    `${start}: dearest piece`,
    visits.map(({ ready }) => Math.max(...ready)),
  );
  show(
    `${start}: pieces over 2 ms`,
    visits.map(({ ready }) => ready.filter((ms) => ms > 2).length),
  );
  const dearest = (pieces) => Math.max(...pieces);
  const together = (pieces) => pieces.reduce((a, b) => a + b, 0);
  for (const [which, of] of [
    ['first', ({ times }) => [times[0]]],
    ['second', ({ times }) => [times[1]]],
    ['later', ({ times }) => times.slice(2)],
  ]) {
    show(`${start}: ${which} evaluation, dearest piece`, visits.flatMap(of).map(dearest));
    show(`${start}: ${which} evaluation, all pieces`, visits.flatMap(of).map(together));
  }
  show(
    `${start}: layouts`,
    visits.map(({ laidOut }) => laidOut),
  );
}
await browser.close();
host.close();
await server.close();
