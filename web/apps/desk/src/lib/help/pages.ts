import { getLocale } from '$lib/paraglide/runtime';
import { blocksOf, type Block } from './markdown';

const files = import.meta.glob<string>('./pages/*.md', { query: '?raw', import: 'default' });

/** The help page of a settings section, in the language of the desk. Each section has one: `pages.test.ts` sees to it. */
export async function helpPage(section: string): Promise<Block[]> {
  const file = files[`./pages/${section}.${getLocale()}.md`];
  return file ? blocksOf(await file()) : [];
}
