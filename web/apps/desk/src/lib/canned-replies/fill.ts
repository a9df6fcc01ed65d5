/** A text with values of the open client in place of its fields. What has no value is a hole: an answer with a hole is not sent. */
export interface Values {
  /** Null when the client has none. */
  valueOf: (key: string) => string | null;
  titleOf: (key: string) => string;
}

/** Marks that nobody types by accident, and that a client's own text is cleared of. */
const [OPEN, CLOSE] = ['⟨', '⟩'];
const HOLE = /⟨[^⟨⟩\n]{1,120}⟩/;

const plain = (text: string) => text.replaceAll(OPEN, '‹').replaceAll(CLOSE, '›');
const holeOf = (title: string) =>
  `${OPEN}${plain(title).replace(/\s+/g, ' ').trim().slice(0, 120) || '?'}${CLOSE}`;

/** Takes a text apart as the server does: `{{key}}` or `{{key|instead}}`. A value is put in once and never read again. */
export function filled(text: string, { valueOf, titleOf }: Values): string {
  let whole = '';
  let rest = text;
  for (;;) {
    const start = rest.indexOf('{{');
    const end = start < 0 ? -1 : rest.indexOf('}}', start + 2);
    if (end < 0) return whole + rest;
    const inner = rest.slice(start + 2, end);
    const bar = inner.indexOf('|');
    const key = (bar < 0 ? inner : inner.slice(0, bar)).trim();
    const instead = bar < 0 ? '' : inner.slice(bar + 1).trim();
    const value = plain(valueOf(key)?.trim() ?? '') || instead;
    whole += rest.slice(0, start) + (value || holeOf(titleOf(key)));
    rest = rest.slice(end + 2);
  }
}

/** The first hole of a text from a place on, or from its beginning when there is none behind. */
export function holeIn(text: string, from = 0): { start: number; end: number; title: string } | null {
  const find = (offset: number) => {
    const match = HOLE.exec(text.slice(offset));
    return match ? { start: offset + match.index, end: offset + match.index + match[0].length } : null;
  };
  const found = find(from) ?? find(0);
  return found && { ...found, title: text.slice(found.start + 1, found.end - 1) };
}
