// How long a hundred auto-actions take of which none acts, where the code is warm and only the conditions cost: the dearest case. What a
// visitor's page really waits for is measured in a browser: `npm run bench -w apps/widget`.
import { brotliSize, bundle } from './bundle.mjs';
import { conditions } from './bench-rules.mjs';

const RULES = 100;
const ROUNDS = 2_000;
const SLOWED = 4;
const BUDGET_MS = 2;

/** Where the rules are asked, and when: from nine in the morning to eleven in the evening. */
const PAGE = { host: 'магазин.рф/', minutes: [540, 1380], seconds: 10 };

function rule(_, number) {
  return {
    id: `aut_${number}`,
    start: 'page',
    when: conditions(number, PAGE),
    limit: ['v', 1],
    pause: 30,
    do: [],
  };
}

const code = await bundle();
const { choose, pageFacts } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
// As it comes from the network: no text of it was used before the first round.
const set = JSON.parse(JSON.stringify({ zone: [[0, 10_800]], rules: Array.from({ length: RULES }, rule) }));

function situation(round) {
  const address =
    `https://xn--80aairftm.xn--p1ai/%D0%BA%D0%B0%D1%82%D0%B0%D0%BB%D0%BE%D0%B3/%D0%B4%D0%B8%D0%B2%D0%B0%D0%BD%D1%8B/` +
    `item-${round}?utm_source=yandex&utm_medium=cpc&q=${round}#top`;
  return {
    set,
    facts: {
      ...pageFacts(address),
      page_title: `Купить диван ${round} в Москве — МАГАЗИН`,
      referrer: 'https://yandex.ru/search/?text=%D0%B4%D0%B8%D0%B2%D0%B0%D0%BD',
      visits: 3,
      seconds_on_page: 40,
      device: 'desktop',
      'field.phone': ['+79110000000', '8 911 000-00-00'],
      tag: ['vip', 'new'],
    },
    now: Date.UTC(2026, 10, 28, 12) + round,
    visitor: 'vis_0196f3a2c1d07f3ea1b2c3d4e5f60718',
    start: 'page',
    shown: Array.from({ length: 20 }, (_, at) => [`aut_${at + 500}`, at]),
  };
}

const times = [];
for (let round = 0; round < ROUNDS; round++) {
  const asked = situation(round);
  const began = performance.now();
  const chosen = choose(asked);
  times.push(performance.now() - began);
  if (chosen) throw new Error('none was to act');
}
const [first, ...later] = times;
later.sort((a, b) => a - b);
const at = (part) => later[Math.floor(later.length * part)];
const show = (ms) => `${ms.toFixed(3)} ms (${(ms * SLOWED).toFixed(3)} ms slowed ${SLOWED} times)`;
console.log(`${RULES} auto-actions, ${brotliSize(code)} bytes brotli`);
console.log(`first round ${show(first)}`);
console.log(`median      ${show(at(0.5))}`);
console.log(`99 of 100   ${show(at(0.99))}`);
if (at(0.5) * SLOWED > BUDGET_MS) {
  console.error(`bench: over ${BUDGET_MS} ms`);
  process.exit(1);
}
