// What a visitor downloads, as the server sends it (brotli 11). Ruling 4 sets the two limits.
import { readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const BEFORE_OPENING = 4096;
const OPENED = 25_600;
/** Auto-actions come by themselves, after the page, where a site has any: they are no part of the opened panel. */
const RULES = 10_240;
const MOST_SCRIPTS = 3;

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const later = (await readdir(`${dist}w`)).filter((name) => name.endsWith('.js')).map((name) => `w/${name}`);
const isOfRules = (name) => name.startsWith('w/rules-');
const names = ['w.js', ...later.filter((name) => !isOfRules(name))];

async function brotliSize(name) {
  const [raw, compressed] = await Promise.all([stat(dist + name), stat(`${dist}${name}.br`)]);
  console.log(
    `${name.padEnd(24)} ${String(raw.size).padStart(6)} raw ${String(compressed.size).padStart(6)} brotli`,
  );
  return compressed.size;
}

const sizes = [];
for (const name of names) sizes.push(await brotliSize(name));
const total = sizes.reduce((sum, size) => sum + size, 0);
console.log(
  `before opening ${sizes[0]} of ${BEFORE_OPENING}, opened ${total} of ${OPENED} in ${names.length} scripts`,
);
const rules = await brotliSize(later.find(isOfRules));
console.log(`auto-actions ${rules} of ${RULES}`);

const faults = [
  sizes[0] > BEFORE_OPENING && 'w.js is over its budget',
  total > OPENED && 'the opened widget is over its budget',
  rules > RULES && 'the script of auto-actions is over its budget',
  names.length > MOST_SCRIPTS && 'the opened widget needs too many scripts',
].filter(Boolean);
for (const fault of faults) console.error(`budget: ${fault}`);
if (faults.length) process.exit(1);
