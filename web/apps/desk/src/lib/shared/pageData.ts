import { untrack } from 'svelte';

/**
 * What a page was opened with. SvelteKit hands the next page's data to the one that is leaving while its dialogs still close; a page that
 * reads its own through this one goes as it was.
 */
export function ownData<T extends object>(read: () => T, key: keyof T): () => T {
  let own = read();
  return () => {
    const now = read();
    if (now[key] !== undefined) own = now;
    return own;
  };
}

/** One thing for each value. A derived alone makes another when it is read by what is being taken down. */
export function madeOnce<T, S>(read: () => T, make: (value: T) => S): () => S {
  let made: { of: T; thing: S } | undefined;
  return () => {
    const now = read();
    if (!made || made.of !== now) made = { of: now, thing: untrack(() => make(now)) };
    return made.thing;
  };
}
