import type { Shell } from '../shell';

type Where = Pick<Shell, 'store' | 'prefix'>;

/**
 * Whose page it is. Somebody who has only looked has a token kept apart, under `guest`: with the usual one every page
 * would open the core's line.
 */
export function tokenOf({ store, prefix }: Where): string | undefined {
  return store[prefix + 'visitor'] ?? store[prefix + 'guest'];
}

/** Made by the page where there is none: a random token is as good as one of the server's, it takes any that it has not seen. */
export function makeToken(where: Where): string {
  const known = tokenOf(where);
  if (known) return known;
  // Whoever has it is the visitor: all of it is chance, unlike the ids of messages.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const token = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  try {
    where.store[where.prefix + 'guest'] = token;
  } catch {
    // A full storage: another token on the next page.
  }
  return token;
}
