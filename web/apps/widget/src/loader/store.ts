/**
 * The site's localStorage, or memory where the browser refuses it. Both are read and written by property, so the
 * rest of the widget does not know which one it has.
 */
export function openStore(prefix: string): Record<string, string> {
  try {
    const store = localStorage as unknown as Record<string, string>;
    store[prefix + 'probe'] = '1';
    delete store[prefix + 'probe'];
    return store;
  } catch {
    return {};
  }
}
