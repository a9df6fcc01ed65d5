// The switch that keeps the place, examples with this server's address, copying, the contents on narrow screens.
(() => {
  const root = document.documentElement;
  const isEnglish = () => root.dataset.lang === 'en';
  const word = (ru, en) => (isEnglish() ? en : ru);
  const twinOf = (id, lang) => (lang === 'en' ? `en-${id}` : id.replace(/^en-/, ''));

  function show(lang) {
    root.dataset.lang = lang;
    root.lang = lang;
    document.title = document.body.dataset[lang === 'en' ? 'titleEn' : 'titleRu'];
    dispatchEvent(new CustomEvent('otklik-lang', { detail: lang }));
  }

  /** The heading that is being read: the last one above the upper part of the window. */
  function placeOf(lang) {
    const headings = [...document.querySelectorAll(`article.${lang} :is(h2, h3)`)];
    return headings.filter((heading) => heading.getBoundingClientRect().top < 160).at(-1);
  }

  for (const link of document.querySelectorAll('a.other')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      const place = placeOf(root.dataset.lang);
      const gap = place?.getBoundingClientRect().top;
      const isShared = document.querySelector('.below')?.getBoundingClientRect().top < 160;
      show(link.hreflang);
      const twin = place && document.getElementById(twinOf(place.id, link.hreflang));
      const hash = twin && !isShared ? `#${twin.id}` : '';
      history.replaceState(null, '', `${location.pathname}?lang=${link.hreflang}${hash}`);
      if (twin && !isShared) scrollBy({ top: twin.getBoundingClientRect().top - gap, behavior: 'instant' });
      [...document.querySelectorAll('a.other')]
        .find((other) => other.offsetParent)
        ?.focus({ preventScroll: true });
    });
  }

  // A link to the other language's anchor shows that language.
  addEventListener('hashchange', () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const lang = target?.closest('article')?.lang;
    if (!lang || lang === root.dataset.lang) return;
    show(lang);
    target.scrollIntoView();
  });

  for (const code of document.querySelectorAll('code')) {
    if (!code.textContent.includes('//OTKLIK')) continue;
    code.textContent = code.textContent
      .replaceAll('https://OTKLIK', location.origin)
      .replaceAll('wss://OTKLIK', location.origin.replace(/^http/, 'ws'));
  }

  for (const box of document.querySelectorAll('.code')) {
    const button = document.createElement('button');
    const isRussian = box.closest('article')?.lang !== 'en';
    button.type = 'button';
    button.className = 'copy';
    const rest = isRussian ? 'Скопировать' : 'Copy';
    button.textContent = rest;
    button.addEventListener('click', async () => {
      const isCopied = await copy(box.querySelector('pre'));
      button.textContent = isCopied
        ? word('Скопировано', 'Copied')
        : word('Выделено: Ctrl+C', 'Selected: Ctrl+C');
      document.getElementById('told').textContent = button.textContent;
      setTimeout(() => {
        button.textContent = rest;
        document.getElementById('told').textContent = '';
      }, 2000);
    });
    box.append(button);
  }

  /** Over plain http there is no clipboard for pages: the text is selected, and the browser asked as of old. */
  async function copy(pre) {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(pre);
      return document.execCommand('copy');
    }
  }

  const narrow = matchMedia('(max-width: 899px)');
  const fold = () => {
    for (const side of document.querySelectorAll('.side')) side.open = !narrow.matches;
  };
  narrow.addEventListener('change', fold);
  fold();
  for (const link of document.querySelectorAll('.side a')) {
    link.addEventListener('click', () => narrow.matches && (link.closest('.side').open = false));
  }

  show(root.dataset.lang);
})();
