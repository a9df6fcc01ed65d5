/** What a text of an announcement may be made of: nothing that loads, runs, or looks like the page around it. */
const TAGS = [
  ...['p', 'br', 'hr', 'b', 'strong', 'i', 'em', 's', 'del', 'code', 'pre', 'blockquote'],
  ...['ul', 'ol', 'li', 'h3', 'h4', 'h5', 'h6', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];

let parts: Promise<(text: string) => string> | null = null;

async function load(): Promise<(text: string) => string> {
  const [{ Marked }, { default: purify }] = await Promise.all([import('marked'), import('dompurify')]);
  // Headings of the page are above: a text has none of the first two.
  const marked = new Marked({
    gfm: true,
    breaks: true,
    async: false,
    walkTokens: (token) => {
      if (token.type === 'heading') token.depth = Math.min(6, Math.max(3, Number(token.depth) + 2));
    },
  });
  // An instance of our own: its hook touches nobody else's.
  const cleaner = purify(window);
  cleaner.addHook('afterSanitizeAttributes', (node) => {
    if (node.tagName !== 'A') return;
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  });
  return (text) =>
    cleaner.sanitize(marked.parse(text) as string, {
      ALLOWED_TAGS: TAGS,
      ALLOWED_ATTR: ['href', 'start'],
      ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:)/i,
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
    });
}

/** Markdown as clean HTML. Both libraries are fetched with the first text. */
export async function rendered(text: string): Promise<string> {
  parts ??= load();
  try {
    return (await parts)(text);
  } catch (error) {
    // A page that has lost its connection may have it again.
    parts = null;
    throw error;
  }
}
