/** Patterns of JavaScript as those of the server, which must match the whole text and know no looking around. */

const SPECIAL = /[\\^$.*+?()[\]{}|]/g;
/** Looking around, references back, and classes that mean something else on the server. */
const UNSUPPORTED = /\(\?(?:=|!|<=|<!)|\\[1-9kcB]|\[\^?\]|\[[^\]]*(?:\[|&&|--|~~)/;

const literal = (text: string): string => text.trim().replace(SPECIAL, (sign) => `\\${sign}`);

export const startsWith = (text: string): string => `(?is)\\s*${literal(text)}.*`;
export const endsWith = (text: string): string => `(?is).*${literal(text)}\\s*`;

/** Signs that need no backslash anywhere. */
const NEEDLESS = /\\([@"'_:,;!=%`# ])/g;

/** A pattern that is found somewhere in the text; null for one that the server could not read. */
export function found(pattern: string): string | null {
  const [, written, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [null, pattern];
  const inner = written?.replace(NEEDLESS, '$1');
  if (!inner || UNSUPPORTED.test(inner)) return null;
  // Outside of a class the server puts up with the backslash of a dash, JavaScript does not.
  if (!isStrict(inner) && !isStrict(inner.replaceAll('\\-', '-'))) return null;
  const kept = [...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join('');
  return `(?s:.*)(?${kept}:${inner})(?s:.*)`;
}

/** With the letter that refuses what only old browsers put up with. */
function isStrict(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
}
