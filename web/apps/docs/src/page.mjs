// The frame around the texts: head, top line, side contents, one article for each language.

const WORDS = {
  ru: { contents: 'Содержание', skip: 'К тексту', other: 'English', otherLang: 'en' },
  en: { contents: 'Contents', skip: 'To the text', other: 'Русский', otherLang: 'ru' },
};
const PAGES = [
  { path: '/docs/js', ru: 'JavaScript на сайте', en: 'JavaScript on the site' },
  { path: '/api/docs', ru: 'REST API', en: 'REST API' },
];
const MARK =
  'M12 2a10 10 0 0 1 0 20H4a2 2 0 0 1-2-2v-8A10 10 0 0 1 12 2Zm0 5.2a4.8 4.8 0 0 0 0 9.6h3.8a1 1 0 0 0 1-1V12A4.8 4.8 0 0 0 12 7.2Z';

/** The page at `path` with its texts by language; `below` is what both languages share. */
export function pageOf({ path, title, texts, styles, head, scripts, icon, below = '' }) {
  const top = ['ru', 'en'].map((lang) => topOf(lang, path)).join('');
  const mains = ['ru', 'en'].map((lang) => articleOf(lang, texts[lang])).join('');
  return `<!doctype html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title.ru}</title>
<link rel="icon" href="${icon}">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}
<script src="${head}"></script>
</head>
<body data-title-ru="${title.ru}" data-title-en="${title.en}">
<header>
<a class="brand" href="/" aria-label="Отклик · Otklik"><svg width="26" height="26" viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" fill-rule="evenodd" d="${MARK}"/></svg><span class="ru">Отклик</span><span class="en" lang="en">Otklik</span></a>
${top}</header>
<div class="columns">
<div class="sides">
${['ru', 'en'].map((lang) => sideOf(lang, texts[lang].contents)).join('')}</div>
<main id="text" tabindex="-1">
${mains}${below}
</main>
</div>
<div id="told" class="hidden" aria-live="polite"></div>
${scripts.map((src) => `<script src="${src}" defer></script>`).join('\n')}
</body>
</html>
`;
}

function topOf(lang, path) {
  const words = WORDS[lang];
  const links = PAGES.map((page) => {
    const here = page.path === path ? ' aria-current="page"' : '';
    return `<a href="${page.path}${lang === 'en' ? '?lang=en#en' : ''}"${here}>${page[lang]}</a>`;
  });
  const there = words.otherLang === 'en' ? '?lang=en#en' : '?lang=ru#ru';
  return `<nav class="top ${lang}" lang="${lang}" aria-label="${lang === 'ru' ? 'Страницы' : 'Pages'}"><a class="skip" href="#text">${words.skip}</a>${links.join('')}<a class="other" lang="${words.otherLang}" hreflang="${words.otherLang}" href="${path}${there}">${words.other}</a></nav>
`;
}

function sideOf(lang, contents) {
  const words = WORDS[lang];
  const items = contents.map(
    ({ id, title, depth }) => `<li class="d${depth}"><a href="#${id}">${title}</a></li>`,
  );
  return `<details class="side ${lang}" lang="${lang}" open><summary>${words.contents}</summary><nav aria-label="${words.contents}"><ol>${items.join('')}</ol></nav></details>
`;
}

function articleOf(lang, { html }) {
  return `<article id="${lang}" class="${lang}" lang="${lang}">
${html}</article>
`;
}
