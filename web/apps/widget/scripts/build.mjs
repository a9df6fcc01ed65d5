// Separate builds: the loader names the later scripts by their hash, and no code is shared between them,
// so that an opened panel costs exactly three script requests where a site has nothing more.
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist`;

/** The later scripts: the first two make the opened panel, each of the others comes where it is needed. */
const ENTRIES = {
  core: 'core/main.ts',
  panel: 'panel/main.tsx',
  extras: 'extras/main.ts',
  forms: 'forms/main.ts',
  calls: 'calls/main.ts',
  rules: 'rules/main.ts',
  inspect: 'inspect/main.ts',
  presence: 'presence/main.ts',
  teaser: 'teaser/main.ts',
  talks: 'talks/main.ts',
};

async function bundle(entry, format, define = {}, folder = 'src') {
  const result = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"', ...define },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: ['chrome111', 'firefox115', 'safari16.4'],
      minify: 'oxc',
      cssMinify: 'lightningcss',
      modulePreload: false,
      rollupOptions: {
        input: `${root}${folder}/${entry}`,
        preserveEntrySignatures: 'strict',
        output: { format, ...(format === 'iife' ? { name: 'otklik' } : {}) },
      },
    },
  });
  const chunks = result.output.filter((part) => part.type === 'chunk');
  if (chunks.length !== 1) throw new Error(`${entry}: expected one script, got ${chunks.length}`);
  return chunks[0].code;
}

/** The server sends the compressed neighbour where the browser takes it. */
async function write(name, code) {
  await writeFile(`${out}/${name}`, code);
  await writeFile(`${out}/${name}.br`, smallest(code));
}

/** Which way of writing distances is the shortest differs from text to text: the best of a few is taken. */
function smallest(code) {
  let best;
  for (const postfix of [0, 1, 2, 3]) {
    for (const direct of [0, 1, 2, 4, 8, 15]) {
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_NPOSTFIX]: postfix,
        [constants.BROTLI_PARAM_NDIRECT]: direct << postfix,
      };
      const made = brotliCompressSync(code, { params });
      if (!best || made.length < best.length) best = made;
    }
  }
  return best;
}

await rm(out, { recursive: true, force: true });
await mkdir(`${out}/w`, { recursive: true });
const scripts = {};
for (const [name, entry] of Object.entries(ENTRIES)) scripts[name] = await bundle(entry, 'es');
// One hash for all: one for each would be a fiftieth of the loader.
const hash = createHash('sha256').update(Object.values(scripts).join()).digest('hex').slice(0, 10);
for (const [name, code] of Object.entries(scripts)) await write(`w/${name}-${hash}.js`, code);
const loader = await bundle('loader/main.ts', 'iife', { __BUILD__: JSON.stringify(`-${hash}.js`) });
// A classic script is read in the host page's own charset, and many old shops are still windows-1251.
const escape = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
await write('w.js', loader.replace(/[\u0080-\uffff]/g, escape));
await cp(`${root}w.d.ts`, `${out}/w.d.ts`);
// The desk's preview: the page itself is not compressed, the server adds its headers.
await write('preview.js', await bundle('main.ts', 'iife', {}, 'preview'));
await write('preview.css', await readFile(`${root}preview/preview.css`, 'utf8'));
await cp(`${root}preview/preview.html`, `${out}/preview.html`);
