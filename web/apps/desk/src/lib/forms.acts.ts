/** An act that takes something away: its name typed beforehand where it is for good, undo for ten seconds where it is not. */
export interface Act {
  act: string;
  /** Where it is sent, or done. */
  file: string;
  call: RegExp;
  way: 'typed' | 'undo' | 'neither';
  /** Where that is offered. */
  at?: string;
  offer?: RegExp;
  why?: string;
}

export const typedIn = (name: string) => new RegExp(`<(ConfirmDialog|TypedName)[^>]*?${name}`, 's');

/** Acts of tags, segments and messages; the rest stands in the test itself. */
export const MORE_ACTS: Act[] = [
  {
    act: 'demo data are switched off',
    file: 'lib/home/demoData.svelte.ts',
    call: /api\.delete\(`\/demo\//,
    way: 'typed',
    at: 'lib/home/DemoCard.svelte',
    offer: /<ConfirmDialog[^>]*\{name\}/s,
  },
  {
    act: 'a segment is taken away',
    file: 'lib/mailings/segments.svelte.ts',
    call: /api\.delete\(this\.path\(segment\.id\)\)/,
    way: 'typed',
    at: 'lib/mailings/SegmentsDialog.svelte',
    offer: typedIn('name=\\{leavingName\\}'),
  },
  {
    act: 'a tag is taken out of the list',
    file: 'lib/tags/tags.svelte.ts',
    call: /api\.delete\(`\$\{this\.path\(tag\.id\)\}/,
    way: 'typed',
    at: 'lib/tags/DeleteTagDialog.svelte',
    offer: typedIn('name=\\{leavingName\\}'),
  },
  {
    act: 'a tag is merged into another',
    file: 'lib/tags/tags.svelte.ts',
    call: /\/merge`/,
    way: 'typed',
    at: 'lib/tags/MergeTagDialog.svelte',
    offer: typedIn('name=\\{mergedName\\}'),
  },
  {
    act: 'a message is taken away',
    file: 'lib/thread/composing.svelte.ts',
    call: /api\.delete<Message>\(this\.path\(message\)\)/,
    way: 'undo',
    at: 'lib/thread/composing.svelte.ts',
    offer: /m\.msg_put_back\(\)/,
  },
];
