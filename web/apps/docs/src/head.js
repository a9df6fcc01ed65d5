// Runs before anything is drawn: which language is read. Without scripts the page shows Russian, and English by its anchors.
(() => {
  const asked = new URLSearchParams(location.search).get('lang');
  const byAnchor = /^#en(-|$)/.test(location.hash) ? 'en' : null;
  const known = asked === 'en' || asked === 'ru' ? asked : byAnchor;
  const root = document.documentElement;
  root.dataset.lang = known ?? 'ru';
  root.lang = root.dataset.lang;
})();
