import type { CannedReply } from '@otklik/api';

/** What is typed after a slash, and where the slash stands. */
export interface Slash {
  start: number;
  query: string;
}

/** Shown at once: the rest is found by another letter. */
const MOST_SHOWN = 50;

/** The slash that begins a word in front of the caret. One inside a word is of an address, and so is one with another behind it. */
export function slashBefore(text: string, caret: number): Slash | null {
  const match = /(?:^|\s)\/([^\s/]*)$/.exec(text.slice(0, caret));
  if (!match) return null;
  const query = match[1] ?? '';
  return { start: caret - query.length - 1, query };
}

const low = (text: string) => text.toLocaleLowerCase().replaceAll('ё', 'е');

/** Those that a query finds: by shortcut first, then by title, by folder, by text. */
export function matching(replies: readonly CannedReply[], query: string): CannedReply[] {
  const wanted = low(query.trim());
  const rank = ({ shortcut, title, folder, text }: CannedReply) => {
    if (!wanted) return 0;
    const [short, name] = [low(shortcut), low(title)];
    if (short === wanted) return 0;
    if (short.startsWith(wanted)) return 1;
    if (name.startsWith(wanted)) return 2;
    if (name.includes(wanted) || short.includes(wanted)) return 3;
    if (low(folder).includes(wanted)) return 4;
    return low(text).includes(wanted) ? 5 : -1;
  };
  return replies
    .map((reply, index) => ({ reply, rank: rank(reply), index }))
    .filter((one) => one.rank >= 0)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ reply }) => reply)
    .slice(0, wanted ? MOST_SHOWN : undefined);
}
