/** A colleague whom a note may name. */
export interface Named {
  id: string;
  name: string;
}

/** The `@` that begins a word in front of the caret, and what is typed behind it. A name has a blank in it, so two words are looked at. */
export function mentionBefore(text: string, caret: number): { start: number; query: string } | null {
  const match = /(?:^|\s)@(\S*(?: \S*)?)$/.exec(text.slice(0, caret));
  if (!match) return null;
  const query = match[1] ?? '';
  return { start: caret - query.length - 1, query };
}

const low = (text: string) => text.toLocaleLowerCase().replaceAll('ё', 'е');

/** Those whose name, or a word of it, begins so. */
export function namedBy(query: string, people: readonly Named[]): Named[] {
  const wanted = low(query);
  return people.filter(({ name }) => {
    const known = low(name);
    return known.startsWith(wanted) || known.split(' ').some((word) => word.startsWith(wanted));
  });
}

export type NotePart = { text: string; named: boolean };

/** A text with the names in it apart: the longest first, each behind an `@` and not as part of another word. */
export function partsOf(text: string, names: readonly string[]): NotePart[] {
  const sorted = [...new Set(names)].filter(Boolean).sort((a, b) => b.length - a.length);
  const parts: NotePart[] = [];
  let plain = '';
  const flush = () => {
    if (plain) parts.push({ text: plain, named: false });
    plain = '';
  };
  for (let at = 0; at < text.length;) {
    const name =
      text[at] === '@' &&
      sorted.find(
        (one) => text.startsWith(one, at + 1) && !/[\p{L}\p{N}_]/u.test(text[at + 1 + one.length] ?? ''),
      );
    if (!name) {
      plain += text[at];
      at += 1;
      continue;
    }
    flush();
    parts.push({ text: `@${name}`, named: true });
    at += name.length + 1;
  }
  flush();
  return parts;
}

/** The ids of those whom a note names. */
export function mentionsIn(text: string, people: readonly Named[]): string[] {
  const named = partsOf(
    text,
    people.map(({ name }) => name),
  ).flatMap((part) => (part.named ? part.text.slice(1) : []));
  return people.filter(({ name }) => named.includes(name)).map(({ id }) => id);
}
