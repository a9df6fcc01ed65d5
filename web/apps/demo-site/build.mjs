// Nothing to compile: the page is copied, and its texts are compressed ahead of time for the server.
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const from = fileURLToPath(new URL('site/', import.meta.url));
const to = fileURLToPath(new URL('dist/', import.meta.url));

await rm(to, { recursive: true, force: true });
await cp(from, to, { recursive: true });
for (const name of await readdir(to, { recursive: true })) {
  // index.html is not compressed: the server writes the site key into it.
  if (/\.(css|js|svg)$/.test(name))
    await writeFile(`${to}${name}.br`, brotliCompressSync(await readFile(to + name)));
}
