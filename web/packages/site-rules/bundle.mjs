// The package as a lazy chunk of the widget would carry it.
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'vite';

/** The script of everything that a page needs: what only tests and the desk ask stays out. */
export async function bundle(names = ['choose', 'holds', 'leavesOf', 'pageFacts']) {
  const root = fileURLToPath(new URL('.', import.meta.url));
  const entry = 'virtual:entry';
  const result = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) =>
          id === entry ? `export { ${names.join(', ')} } from '${root}src/index.ts';` : undefined,
      },
    ],
    build: {
      write: false,
      target: ['chrome111', 'firefox115', 'safari16.4'],
      minify: 'oxc',
      modulePreload: false,
      rollupOptions: { input: entry, preserveEntrySignatures: 'strict', output: { format: 'es' } },
    },
  });
  return result.output[0].code;
}

/** Bytes that a visitor downloads. */
export function brotliSize(code) {
  return brotliCompressSync(code, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  }).length;
}
