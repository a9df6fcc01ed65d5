import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { blocksOf } from './markdown';

const PAGES = new URL('./pages/', import.meta.url);
const SECTIONS = new URL('../shell/sections.ts', import.meta.url);
const LONGEST = 2_500;

const sections = [...readFileSync(SECTIONS, 'utf8').matchAll(/key: '([a-z-]+)'/g)].map(
  ([, key]) => key ?? '',
);
const files = readdirSync(PAGES).sort();
const read = (name: string) => readFileSync(new URL(name, PAGES), 'utf8');

/** Pages of the desk that have help of their own. */
const BESIDE = ['canned-replies'];

it('has a page in both languages for every section of the settings, and no other', () => {
  expect(sections.length).toBeGreaterThan(10);
  expect(files).toEqual([...sections, ...BESIDE].flatMap((key) => [`${key}.en.md`, `${key}.ru.md`]).sort());
});

describe.each(files)('%s', (name) => {
  const blocks = blocksOf(read(name));

  it('begins with its title, says something and is short', () => {
    expect(blocks[0]?.kind).toBe('title');
    expect(blocks.filter(({ kind }) => kind === 'title')).toHaveLength(1);
    expect(blocks.length).toBeGreaterThan(2);
    expect(read(name).length).toBeLessThan(LONGEST);
  });

  it('is in its language', () => {
    const letters = read(name).replace(/`[^`]*`/g, '');
    const isRussian = (letters.match(/[а-яё]/gi) ?? []).length > letters.length / 3;
    expect(isRussian).toBe(name.endsWith('.ru.md'));
  });
});
