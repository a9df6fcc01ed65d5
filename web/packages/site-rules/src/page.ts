import { addressOf, decoded } from './address';
import type { Facts } from './facts';
import { spaces } from './text';

/** What an address says of itself: the page's address, its path, its parameters. */
export function pageFacts(address: string): Facts {
  if (!spaces(address)) return {};
  const { rawPath, query } = addressOf(address);
  const facts: Facts = { page_url: address, page_path: rawPath || '/' };
  const read = (text: string) => decoded(text.replace(/\+/g, ' '));
  for (const pair of query.slice(1).split('&')) {
    const [name = '', ...value] = pair.split('=');
    // The first of a name counts.
    if (name) facts[`query.${read(name)}`] ??= read(value.join('='));
  }
  return facts;
}
