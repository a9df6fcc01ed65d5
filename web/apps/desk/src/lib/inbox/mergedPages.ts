import type { Conversation, Page } from '@otklik/api';

interface Source {
  projectId: string;
  cursor: string | null;
  hasMore: boolean;
  /** The last row fetched: everything still to come from here stands below it. None before the first page. */
  last: Conversation | null;
}

type Fetch = (projectId: string, cursor: string | null) => Promise<Page<Conversation>>;
type Compare = (a: Conversation, b: Conversation) => number;

/** Conversations of several projects as one list in one order, page by page. */
export class MergedPages {
  private readonly sources: Source[];
  /** Fetched, but below what another project may still hold. */
  private waiting: Conversation[] = [];

  constructor(
    projectIds: readonly string[],
    private readonly compare: Compare,
    private readonly fetch: Fetch,
  ) {
    this.sources = projectIds.map((projectId) => ({ projectId, cursor: null, hasMore: true, last: null }));
  }

  get hasMore(): boolean {
    return this.waiting.length > 0 || this.sources.some((source) => source.hasMore);
  }

  /** The next rows in order; none that comes later belongs above them. */
  async next(): Promise<Conversation[]> {
    const floor = this.floor();
    const holding = this.sources.filter(
      (source) => source.hasMore && (!source.last || source.last === floor),
    );
    const pages = await Promise.all(holding.map(({ projectId, cursor }) => this.fetch(projectId, cursor)));
    // Only when all have answered: after a failure the next call asks the same again.
    holding.forEach((source, place) => {
      const page = pages[place];
      if (!page) return;
      source.cursor = page.next_cursor;
      source.hasMore = page.next_cursor !== null;
      source.last = page.items.at(-1) ?? source.last;
    });
    const known = [...this.waiting, ...pages.flatMap((page) => page.items)].sort(this.compare);
    const newFloor = this.floor();
    const isSettled = (item: Conversation) => !newFloor || this.compare(item, newFloor) <= 0;
    this.waiting = known.filter((item) => !isSettled(item));
    return known.filter(isSettled);
  }

  /** The last row of the project that holds the list back. */
  private floor(): Conversation | null {
    const lasts = this.sources.filter((source) => source.hasMore).flatMap((source) => source.last ?? []);
    return lasts.sort(this.compare)[0] ?? null;
  }
}
