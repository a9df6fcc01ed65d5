import type { Locale } from '@otklik/api';

export const GROUPS = [
  'smileys',
  'people',
  'nature',
  'food',
  'places',
  'activities',
  'objects',
  'symbols',
] as const;
export type Group = (typeof GROUPS)[number];

export interface Emoji {
  id: string;
  names: Record<Locale, string>;
  /** Name and words in both languages: an English word finds it on a Russian desk, too. */
  words: string;
}

type Row = [emoji: string, ru: string, en: string, ruWords: string, enWords: string];
export type EmojiData = Record<Group, Emoji[]>;

/** The list is fetched when it is opened first, from this very server. */
let loaded: Promise<EmojiData> | null = null;
export function loadEmoji(): Promise<EmojiData> {
  loaded ??= import('./data.json').then(({ default: data }) => read(data as unknown as Record<Group, Row[]>));
  // What failed once is asked for again.
  loaded.catch(() => (loaded = null));
  return loaded;
}

function read(data: Record<Group, Row[]>): EmojiData {
  const all = GROUPS.map((group) => [group, data[group].map(asEmoji)] as const);
  return Object.fromEntries(all) as EmojiData;
}

const low = (text: string) => text.toLowerCase().replaceAll('ё', 'е');

const asEmoji = ([id, ru, en, ruWords, enWords]: Row): Emoji => ({
  id,
  names: { ru, en },
  words: low([ru, en, ruWords, enWords].join(' ')),
});

const MOST_FOUND = 120;

/** Without the mark that asks for a picture, which keyboards give to some and not to others. */
const bare = (emoji: string) => emoji.replaceAll('\uFE0F', '');

/** Those whose words begin with every word of the query; the emoji itself finds itself. */
export function findEmoji(data: EmojiData, query: string): Emoji[] {
  const wanted = low(query).split(/\s+/).filter(Boolean);
  const begins = ({ words }: Emoji, word: string) => words.startsWith(word) || words.includes(` ${word}`);
  return GROUPS.flatMap((group) => data[group])
    .filter((one) => wanted.every((word) => begins(one, word)) || bare(one.id) === bare(query.trim()))
    .slice(0, MOST_FOUND);
}

const MOST_RECENT = 24;

/** The newest first, each once. */
export const withRecent = (recent: readonly string[], id: string): string[] =>
  [id, ...recent.filter((one) => one !== id)].slice(0, MOST_RECENT);
