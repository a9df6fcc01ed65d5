import type { Answer, Page, Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';

const PAGE_SIZE = 20;

export type ContactFile = Answer<Schemas['ContactFile']>;

/** Files of a client over all channels, the newest first, a page at a time. */
export class ClientFiles {
  items = $state.raw<ContactFile[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  private cursor: string | null = null;
  private generation = 0;

  constructor(private readonly path: string) {}

  readonly load = async (): Promise<void> => {
    const generation = ++this.generation;
    try {
      // As many as are shown already, so that nothing folds up under the reader.
      const limit = Math.min(200, Math.max(PAGE_SIZE, this.items?.length ?? 0));
      const page = await api.get<Page<ContactFile>>(this.path, { limit });
      if (generation !== this.generation) return;
      this.items = page.items;
      this.error = null;
      this.take(page);
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  };

  async more() {
    if (!this.cursor) return;
    const generation = ++this.generation;
    const page = await api.get<Page<ContactFile>>(this.path, { limit: PAGE_SIZE, cursor: this.cursor });
    if (generation !== this.generation) return;
    this.items = [...(this.items ?? []), ...page.items];
    this.take(page);
  }

  private take(page: Page<ContactFile>) {
    this.cursor = page.next_cursor;
    this.hasMore = page.next_cursor !== null;
  }
}
