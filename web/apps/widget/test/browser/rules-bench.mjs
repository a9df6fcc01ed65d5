// How long a page waits for a hundred auto-actions, none of which acts: the dearest case. Fresh pages in a real Chromium whose processor
// is slowed down: `npm run bench -w apps/widget` after a build, `-- 1` for a processor as it is. Asked: 2 ms slowed four times, no layout.
// The time is the page's own thread's. Chromium slows it by standing still for a millisecond now and then, which short pieces feel by
// chance: a known piece of work says how much, `-- 1` what the same takes without.
import { chromium } from 'playwright-core';
import { conditions } from '../../../../packages/site-rules/bench-rules.mjs';
import { BROWSER } from './browser.mjs';
import { SITE_KEY, startFakeServer } from './fake-server.mjs';
import { startHost } from './host.mjs';

const SLOWED = Number(process.argv[2] ?? 4);
const PAGES = 9;
const RULES = 100;
const AGAIN = 20;
const REST_MS = 180;

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

/** Turns that the page gives to work that was put off. */
const TURNS = ['TimerFire', 'FireIdleCallback'];

/** What one fresh page takes, as the browser's own trace has it. */
async function visit(browser, address, start) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'ru-RU' });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.addInitScript(() =>
    addEventListener('DOMContentLoaded', () => (document.title = 'Купить диван в Москве — МАГАЗИН')),
  );
  const json = JSON.stringify(told(start));
  const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' };
  let isAsked;
  const asked = new Promise((resolve) => (isAsked = resolve));
  const mark = (name) => page.evaluate((name) => void performance.mark(name), name);
  await page.route('**/w/v1/rules*', async (route) => {
    await mark('ready');
    await route.fulfill({ body: json, contentType: 'application/json', headers });
    isAsked();
  });
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
  const slow = (rate) => cdp.send('Emulation.setCPUThrottlingRate', { rate });
  await slow(SLOWED);
  const trace = await traceOf(browser);
  await page.goto(address, { referer: 'https://yandex.ru/search/' });
  await asked;
  await page.waitForTimeout(2_000);
  for (const rate of [1, SLOWED]) {
    await slow(rate);
    await page.evaluate(loop);
  }
  const layouts = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'LayoutCount').value;
  };
  const before = await layouts();
  // Through another side first: the browser's own part of it is not cold any more.
  await page.evaluate(() =>
    document.documentElement.dispatchEvent(new MouseEvent('mouseleave', { clientY: 9 })),
  );
  for (let round = 0; round < AGAIN; round++) {
    await page.evaluate(start === 'exit' ? leave : turn, round);
    await page.waitForTimeout(REST_MS);
  }
  await mark('end');
  const laidOut = (await layouts()) - before;
  const [ready, quick, slowed, ...times] = piecesOf(await trace());
  await context.close();
  return { ready, loop: { quick, slowed }, times, laidOut };
}

/** A known piece of work, about as long as an evaluation, again and again. */
async function loop() {
  const work = () => {
    for (let at = 0; at < 100_000; at++) globalThis.sum = (at * 31 + (globalThis.sum ?? 0)) % 1_000_003;
  };
  for (let times = 0; times < 40; times++) work();
  performance.mark('loop');
  for (let times = 0; times < 40; times++) {
    await new Promise((resolve) => setTimeout(() => (work(), resolve()), 20));
  }
}

/** The pointer leaves the page through its top. */
function leave() {
  performance.mark('round');
  document.documentElement.dispatchEvent(new MouseEvent('mouseleave', { clientY: 0 }));
}

/** A single-page application turns to another page: hearing of it comes first, whatever number of rules there is; its count is kept in the storage, too. */
function turn(round) {
  performance.mark('round');
  history.pushState(null, '', `./item-${round}?utm_source=yandex#top`);
}

/** Begins a trace; what is answered ends it. */
async function traceOf(browser) {
  const cdp = await browser.newBrowserCDPSession();
  const events = [];
  cdp.on('Tracing.dataCollected', ({ value }) => void events.push(...value));
  const ended = new Promise((resolve) => cdp.on('Tracing.tracingComplete', resolve));
  const includedCategories = ['devtools.timeline', 'blink.user_timing'];
  await cdp.send('Tracing.start', { traceConfig: { includedCategories }, transferMode: 'ReportEvents' });
  return async () => {
    await cdp.send('Tracing.end');
    await ended;
    await cdp.detach();
    return events;
  };
}

/** Milliseconds of each piece of work: of making ready, then of each round, its event with them. */
function piecesOf(events) {
  const marks = events.filter(
    ({ cat, name }) => cat === 'blink.user_timing' && ['ready', 'loop', 'round', 'end'].includes(name),
  );
  const { pid, tid } = marks[0];
  marks.sort((a, b) => a.ts - b.ts);
  const own = events.filter((event) => event.pid === pid && event.tid === tid && event.dur);
  return marks.slice(0, -1).map(({ ts, name }, at) => {
    const within = own.filter((event) => event.ts > ts && event.ts < marks[at + 1].ts);
    const isWork = (event) =>
      TURNS.includes(event.name) ||
      (name === 'round' && event.name === 'EventDispatch' && event.args.data.type === 'mouseleave');
    return within.filter(isWork).map(({ tdur }) => tdur / 1000);
  });
}

const dearest = (pieces) => Math.max(...pieces);
const together = (pieces) => pieces.reduce((a, b) => a + b, 0);

function show(name, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const [least, middle, most] = [0, sorted.length >> 1, sorted.length - 1].map((at) => sorted[at].toFixed(2));
  console.log(`${name.padEnd(54)} ${least.padStart(6)} ${middle.padStart(6)} ${most.padStart(6)}`);
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
for (const start of ['exit', 'page']) {
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
  if (start === 'page') {
    show(
      'page: heard of and counted, before any rule is asked',
      visits.flatMap(({ times }) => times.map((pieces) => together(pieces.splice(0, 2)))),
    );
  }
  for (const [which, of] of [
    ['first', ({ times }) => [times[0]]],
    ['second', ({ times }) => [times[1]]],
    ['later', ({ times }) => times.slice(2)],
  ]) {
    show(`${start}: ${which} evaluation, dearest piece`, visits.flatMap(of).map(dearest));
    show(`${start}: ${which} evaluation, all pieces`, visits.flatMap(of).map(together));
  }
  show(
    'a known piece of work',
    visits.flatMap(({ loop }) => loop.quick),
  );
  show(
    `the same, slowed ${SLOWED} times`,
    visits.flatMap(({ loop }) => loop.slowed),
  );
  show(
    `${start}: layouts`,
    visits.map(({ laidOut }) => laidOut),
  );
}
await browser.close();
host.close();
await server.close();
