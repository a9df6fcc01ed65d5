import { warnOnce } from '../warn';

/** What a page wants done to the tags of its visitor. */
export interface Tags {
  add: string[];
  remove: string[];
  clear: boolean;
}

const MOST = 20;
const LONGEST = 50;

/** Two wishes as one: the later word about a tag counts. */
export function joinTags(known: Tags, next: Tags): Tags {
  if (next.clear) return next;
  const add = known.add.filter((tag) => !next.remove.includes(tag));
  const remove = known.remove.filter((tag) => !next.add.includes(tag));
  return { add: [...add, ...next.add], remove: [...remove, ...next.remove], clear: known.clear };
}

/** As many and as long as the server takes. */
export function fitting({ add, remove, clear }: Tags): Tags {
  return { add: listOf(add), remove: listOf(remove), clear };
}

function listOf(tags: string[]): string[] {
  const known = [...new Set(tags.map((tag) => tag.trim()).filter(Boolean))];
  const list = known.filter((tag) => tag.length <= LONGEST).slice(0, MOST);
  if (list.length < known.length)
    warnOnce('tags', `are ${MOST} at most, of ${LONGEST} characters: some are left out`);
  return list;
}

/** One tag, or several. */
export function tagsOf(value: unknown): string[] {
  return [value ?? []].flat().map(String);
}
