/** A page reads the message anew this long before a link of it ends: the clocks of two machines differ. */
const BEFORE_MS = 10 * 60_000;

interface WithFiles {
  content: { attachments?: { url: string }[] };
}

/**
 * Links to files are good for a day or two, and say until when. The newest message with one that is about to end is to be
 * read anew: then it, and those read with it, have other links. Each link is tried once, whatever this machine's clock says.
 */
export class EndingLinks {
  private readonly tried = new Set<string>();

  take<M extends WithFiles>(messages: readonly M[], now: number): M | undefined {
    const isDue = (url: string) => endOf(url) - BEFORE_MS < now && !this.tried.has(url);
    const found = messages.findLast(({ content }) => content.attachments?.some((file) => isDue(file.url)));
    for (const { url } of found?.content.attachments ?? []) this.tried.add(url);
    return found;
  }
}

function endOf(url: string): number {
  const until = /[?&]until=(\d+)/.exec(url)?.[1];
  return until ? Number(until) * 1000 : Infinity;
}
