// What a visitor downloads, as the server sends it (brotli 11). Ruling 4 sets the first two limits.
import { readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const BEFORE_OPENING = 4096;
const OPENED = 25_600;
/** Each of these comes by itself, where a site or a page has use for it: they are no part of the opened panel. */
const LATER = {
  extras: 5376,
  forms: 4096,
  calls: 3072,
  rules: 10_496,
  presence: 1920,
  teaser: 2304,
  inspect: 2048,
  talks: 2560,
};

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const names = (await readdir(`${dist}w`)).filter((name) => name.endsWith('.js')).map((name) => `w/${name}`);
const named = (part) => names.find((name) => name.startsWith(`w/${part}-`));
let isOver = false;

async function brotliSize(name) {
  const [raw, compressed] = await Promise.all([stat(dist + name), stat(`${dist}${name}.br`)]);
  const sizes = `${String(raw.size).padStart(6)} raw ${String(compressed.size).padStart(6)} brotli`;
  console.log(`${name.padEnd(24)} ${sizes}`);
  return compressed.size;
}

function judge(what, size, limit) {
  console.log(`${what} ${size} of ${limit}`);
  if (size <= limit) return;
  isOver = true;
  console.error(`budget: ${what} is over its limit`);
}

const loader = await brotliSize('w.js');
const opened = loader + (await brotliSize(named('core'))) + (await brotliSize(named('panel')));
judge('before opening', loader, BEFORE_OPENING);
judge('opened', opened, OPENED);
for (const [part, limit] of Object.entries(LATER)) judge(part, await brotliSize(named(part)), limit);
if (isOver) process.exit(1);
