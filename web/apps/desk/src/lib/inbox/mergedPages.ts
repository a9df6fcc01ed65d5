import type { Conversation, Page } from '@otklik/api';

interface Source {
  projectId: string;
  cursor: string | null;
  hasMore: boolean;
  /** Position of the last row fetched: everything still to come from here is older. */
  last: number;
}

type Fetch = (projectId: string, cursor: string | null) => Promise<Page<Conversation>>;

/** Conversations of several projects as one list by position, page by page; positions are of the whole account. */
export class MergedPages {
  private readonly sources: Source[];
  /** Fetched, but older than what another project may still hold. */
  private waiting: Conversation[] = [];

  constructor(
    projectIds: readonly string[],
    private readonly fetch: Fetch,
  ) {
    this.sources = projectIds.map((projectId) => ({
      projectId,
      cursor: null,
      hasMore: true,
      last: Number.POSITIVE_INFINITY,
    }));
  }

  get hasMore(): boolean {
    return this.waiting.length > 0 || this.sources.some((source) => source.hasMore);
  }

  /** The next rows, newest first; none that comes later belongs above them. */
  async next(): Promise<Conversation[]> {
    const floor = this.floor();
    const holding = this.sources.filter((source) => source.hasMore && source.last === floor);
    const pages = await Promise.all(holding.map(({ projectId, cursor }) => this.fetch(projectId, cursor)));
    // Only when all have answered: after a failure the next call asks the same again.
    holding.forEach((source, place) => {
      const page = pages[place];
      if (!page) return;
      source.cursor = page.next_cursor;
      source.hasMore = page.next_cursor !== null;
      source.last = page.items.at(-1)?.position ?? source.last;
    });
    const known = [...this.waiting, ...pages.flatMap((page) => page.items)];
    known.sort((a, b) => b.position - a.position);
    const newFloor = this.floor();
    this.waiting = known.filter((item) => item.position < newFloor);
    return known.filter((item) => item.position >= newFloor);
  }

  private floor(): number {
    const open = this.sources.filter((source) => source.hasMore);
    return open.length === 0 ? Number.NEGATIVE_INFINITY : Math.max(...open.map((source) => source.last));
  }
}
