import { m } from '$lib/paraglide/messages';

const MOST_PAGES = 50;
const LONGEST = 500;

/** Patterns, one a line. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** What the server would refuse; empty when nothing. */
export function linesProblem(lines: readonly string[]): string {
  if (lines.length > MOST_PAGES) return m.look_pages_full();
  const tooLong = lines.findIndex((line) => line.length > LONGEST);
  return tooLong < 0 ? '' : m.look_pages_long({ line: tooLong + 1 });
}

/** The address that somebody wrote, whole: people leave out the scheme, or the site itself. */
export function addressOf(typed: string, site: string): string | null {
  const text = typed.trim();
  if (!text) return null;
  const whole = text.startsWith('/') ? `https://${site}${text}` : text;
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(whole) ? whole : `https://${whole}`;
  return URL.canParse(address) ? address : null;
}
