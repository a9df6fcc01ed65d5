// The hand-written texts of the pages, as HTML by language.
import { readFileSync } from 'node:fs';
import { renderMarkdown } from './markdown.mjs';

const CONTENT = new URL('../content/', import.meta.url);

/** A page's texts by language; `places` are words of the text that only the build knows. */
export function textsOf(name, places = {}) {
  const render = (lang) => {
    let text = readFileSync(new URL(`${name}.${lang}.md`, CONTENT), 'utf8');
    for (const [word, value] of Object.entries(places)) text = text.replaceAll(word, value);
    return renderMarkdown(text, lang);
  };
  return { ru: render('ru'), en: render('en') };
}
