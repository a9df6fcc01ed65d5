import { readFileSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

const UI = new URL('../../../../packages/ui/src/', import.meta.url);
const LIB = new URL('./', import.meta.url);

const namesIn = (source: string, pattern: RegExp) => [...source.matchAll(pattern)].map(([, name]) => name);
const defined = (source: string) => namesIn(source, /(--ok-[a-z0-9-]+):/g);

// A colour that nobody defines is no colour at all, and nothing says so.
it('uses only tokens that there are', () => {
  const tokens = new Set(defined(readFileSync(new URL('tokens.css', UI), 'utf8')));
  const missing = [UI, LIB].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(svelte|css)$/.test(file))
      .flatMap((file) => {
        const source = readFileSync(new URL(file, folder), 'utf8');
        const own = new Set(defined(source));
        // A name that is put together, or one with another to fall back on, is its author's concern.
        return namesIn(source, /var\((--ok-[a-z0-9-]+[a-z0-9])\)/g)
          .filter((name) => !tokens.has(name!) && !own.has(name))
          .map((name) => `${file}: ${name}`);
      }),
  );
  expect(missing).toEqual([]);
});
