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
    docExpansion: 'list',
    filter: true,
    displayOperationId: true,
    defaultModelsExpandDepth: -1,
    // Its own validator is on another host.
    validatorUrl: null,
    syntaxHighlight: { theme: 'agate' },
    onComplete: () => document.getElementById(location.hash.slice(1))?.scrollIntoView(),
  });
})();
