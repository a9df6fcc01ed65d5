import { addressOf, decoded, readingsOf } from './address';
import { fold, like } from './text';

/**
 * Whether an address fits a pattern in which `*` is any run. Both are compared as people read them: a pattern without
 * a scheme without the scheme, the part after `#` only where the pattern has one, a bare path on any host.
 */
export function fits(address: string, pattern: string): boolean {
  const taken = addressOf(address);
  const wanted = pattern.startsWith('/') ? taken.host + pattern : pattern;
  const form = (/^[a-z][a-z\d+.-]*:\/\//i.test(wanted) ? 1 : 0) | (wanted.includes('#') ? 2 : 0);
  const pieces = fold(decoded(wanted)).split('*');
  return readingsOf(taken, form).some((reading) => like(reading, pieces));
}
