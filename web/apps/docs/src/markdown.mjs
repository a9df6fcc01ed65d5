// Hand-written Markdown as HTML: headings with anchors of their own, marked names of the API, code that scrolls.
import { Marked } from 'marked';

const WORDS = {
  ru: { table: 'Таблица', code: 'Пример' },
  en: { table: 'Table', code: 'Example' },
};

/** Russian anchors are bare; English ones begin with `en-`, since both languages are in one page. */
export const anchorOf = (lang, name) => (lang === 'en' ? `en-${name}` : name);

/** HTML of a text, and its contents. `[[verb open]]` is a name of the API with an anchor; `## Title {#id}` names a heading. */
export function renderMarkdown(text, lang) {
  const contents = [];
  const words = WORDS[lang];
  const marked = new Marked({ extensions: [termOf(lang)] });
  marked.use({
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        const [, title, id] = /^(.*?)\s*(?:\{#([\w-]+)\})?$/s.exec(html);
        if (depth > 1 && !id) throw new Error(`a heading without an anchor: ${title}`);
        if (depth === 1) return `<h1>${title}</h1>\n`;
        contents.push({ id: anchorOf(lang, id), title, depth });
        const anchor = anchorOf(lang, id);
        return `<h${depth} id="${anchor}"><a href="#${anchor}">${title}</a></h${depth}>\n`;
      },
      code({ text: code, lang: kind }) {
        const label = `${words.code}${kind ? `: ${kind}` : ''}`;
        return `<div class="code"><pre tabindex="0" role="region" aria-label="${label} ${(codes += 1)}"><code>${escape(code)}</code></pre></div>\n`;
      },
      table(token) {
        const row = (cells, tag) =>
          `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('\n');
        const label = `${words.table} ${(tables += 1)}`;
        return `<div class="table" tabindex="0" role="region" aria-label="${label}"><table><thead>${row(token.header, 'th')}</thead><tbody>\n${body}\n</tbody></table></div>\n`;
      },
    },
  });
  let codes = 0;
  let tables = 0;
  // Links of the text to its own anchors are written once for both languages.
  const html = marked
    .parse(text)
    .replaceAll(/href="#(?!en-)([\w-]+)"/g, (_, id) => `href="#${anchorOf(lang, id)}"`);
  return { html, contents };
}

function termOf(lang) {
  return {
    name: 'term',
    level: 'inline',
    start: (text) => text.indexOf('[['),
    tokenizer(text) {
      const found = /^\[\[(verb|event|get|setup) ([\w-]+)\]\]/.exec(text);
      return found ? { type: 'term', raw: found[0], kind: found[1], name: found[2] } : undefined;
    },
    renderer({ kind, name }) {
      const id = anchorOf(lang, `${kind}-${name}`);
      return `<a class="term" id="${id}" href="#${id}" data-kind="${kind}" data-name="${name}"><code>${name}</code></a>`;
    },
  };
}

function escape(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
