/** What goes into the pages of a site, into the headers of a strict one, and what needs no site at all. */
export function widgetSnippet(origin: string, siteKey: string): string {
  return `<script async src="${origin}/w.js?p=${siteKey}"></` + 'script>';
}

export function contentPolicy(origin: string): string {
  const socket = origin.replace(/^http/, 'ws');
  return `script-src ${origin}; connect-src ${origin} ${socket}; img-src ${origin}; media-src ${origin}`;
}

/** The same as lines to copy, one directive each. */
export const contentPolicyLines = (origin: string) => contentPolicy(origin).replaceAll('; ', ';\n');

/** The chat's own page. */
export function chatLink(origin: string, siteKey: string): string {
  return `${origin}/chat/${siteKey}`;
}

/** The same in a QR code: operators see by the address that a client came by it. */
export function qrLink(origin: string, siteKey: string): string {
  return `${chatLink(origin, siteKey)}?source=qr`;
}
