// Draws the calls from the server's own description, in the theme of the system.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const dress = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', dress);
  dress();

  window.SwaggerUIBundle({
    url: '/api/v1/openapi.json',
    domNode: document.getElementById('reference'),
    // Its links would stand inside buttons; its anchors are there without them.
    deepLinking: false,
    // With 150 rows and more it draws only those in sight, and anchors lead nowhere.
    docExpansion: 'none',
    filter: true,
    displayOperationId: true,
    defaultModelsExpandDepth: -1,
    // Its own validator is on another host.
    validatorUrl: null,
    syntaxHighlight: { theme: 'agate' },
    onComplete: () => lead(location.hash.slice(1)),
  });

  /** Opens the group that an anchor of the reference is in, and goes there: `operations-tag-TAG`, `operations-TAG-ID`. */
  function lead(anchor) {
    const groups = [...document.querySelectorAll('#reference .opblock-tag')];
    const group = groups.find(({ id }) => {
      const tag = id.replace('operations-tag-', '');
      return anchor === id || anchor.startsWith(`operations-${tag}-`);
    });
    if (!group) return;
    if (group.dataset.isOpen === 'false') (group.querySelector('.expand-operation') ?? group).click();
    // The group is drawn in the next frame.
    requestAnimationFrame(() =>
      setTimeout(() => (document.getElementById(anchor) ?? group).scrollIntoView(), 50),
    );
  }

  for (const link of document.querySelectorAll('.side a[href^="#operations-"]')) {
    link.addEventListener('click', () => lead(link.hash.slice(1)));
  }
  addEventListener('hashchange', () => lead(location.hash.slice(1)));
})();
