import { readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, it } from 'vitest';

const LIB = new URL('./', import.meta.url);

/** The folders of `lib` that each folder imports from. */
function imports(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of readdirSync(LIB, { recursive: true, encoding: 'utf8' })) {
    const [folder = ''] = file.split('/');
    if (!/\.(ts|svelte)$/.test(file) || folder === 'paraglide' || !file.includes('/')) continue;
    const source = readFileSync(new URL(file, LIB), 'utf8');
    const paths = [...source.matchAll(/from '(?:\$lib\/|(\.{1,2}\/))([^']+)'/g)];
    for (const [, relative, path = ''] of paths) {
      const target = relative ? posix.join(posix.dirname(file), relative, path) : path;
      const [other = ''] = target.split('/');
      if (![folder, 'paraglide', '..'].includes(other))
        found.set(folder, (found.get(folder) ?? new Set()).add(other));
    }
  }
  return found;
}

/** A way from a folder back to itself, if there is one. */
function circleFrom(start: string, graph: Map<string, Set<string>>): string[] | null {
  const seen = new Set<string>();
  const walk = (folder: string, way: string[]): string[] | null => {
    for (const next of graph.get(folder) ?? []) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const circle = walk(next, [...way, next]);
      if (circle) return circle;
    }
    return null;
  };
  return walk(start, [start]);
}

it('has no two features that need each other', () => {
  const graph = imports();
  expect(graph.size).toBeGreaterThan(10);
  const circles = [...graph.keys()].flatMap((folder) => circleFrom(folder, graph)?.join(' → ') ?? []);
  expect(circles).toEqual([]);
});

it('keeps what is shared free of features', () => {
  expect([...(imports().get('shared') ?? [])]).toEqual([]);
});
