// Nothing to compile: names of files get a hash of what is in them, so browsers may keep them for good.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const DIST = new URL('dist/', import.meta.url);
const source = (name) => readFile(new URL(`src/${name}`, import.meta.url));

await rm(DIST, { recursive: true, force: true });
await mkdir(new URL('assets/', DIST), { recursive: true });

/** Writes a file under its name with a hash, and compressed beside it; answers its address. */
async function asset(name) {
  const body = await source(name);
  const ending = extname(name);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 10);
  const file = `assets/${name.slice(0, -ending.length)}-${hash}${ending}`;
  await writeFile(new URL(file, DIST), body);
  await writeFile(new URL(`${file}.br`, DIST), brotliCompressSync(body));
  return `/chat/${file}`;
}

let page = String(await source('index.html'));
for (const name of ['icon.svg', 'page.css', 'page.js']) {
  page = page.replace(`/chat/assets/${name}`, await asset(name));
}
// index.html is not compressed: the server writes the site key and the company's name into it.
await writeFile(new URL('index.html', DIST), page);
