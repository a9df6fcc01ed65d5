/** What goes into the pages of a site, and into the headers of a strict one. */
export function widgetSnippet(origin: string, siteKey: string): string {
  return `<script async src="${origin}/w.js?p=${siteKey}"></` + 'script>';
}

export function contentPolicy(origin: string): string {
  const socket = origin.replace(/^http/, 'ws');
  return `script-src ${origin}; connect-src ${origin} ${socket}; img-src ${origin}; media-src ${origin}`;
}
