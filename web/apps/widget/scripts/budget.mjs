// What a visitor downloads, as the server sends it (brotli 11). Ruling 4 sets the two limits.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const BEFORE_OPENING = 4096;
const OPENED = 25_600;
const MOST_SCRIPTS = 3;

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const later = (await readdir(`${dist}w`)).map((name) => `w/${name}`);
const names = ['w.js', ...later];

async function brotliSize(name) {
  const code = await readFile(dist + name);
  const size = brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
  console.log(`${name.padEnd(24)} ${String(code.length).padStart(6)} raw ${String(size).padStart(6)} brotli`);
  return size;
}

const sizes = [];
for (const name of names) sizes.push(await brotliSize(name));
const total = sizes.reduce((sum, size) => sum + size, 0);
console.log(`before opening ${sizes[0]} of ${BEFORE_OPENING}, opened ${total} of ${OPENED} in ${names.length} scripts`);

const faults = [
  sizes[0] > BEFORE_OPENING && 'w.js is over its budget',
  total > OPENED && 'the opened widget is over its budget',
  names.length > MOST_SCRIPTS && 'the opened widget needs too many scripts',
].filter(Boolean);
for (const fault of faults) console.error(`budget: ${fault}`);
if (faults.length) process.exit(1);
