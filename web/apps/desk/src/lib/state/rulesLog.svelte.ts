import type { LogLine, Page } from '@otklik/api';
import { api } from './session.svelte';

/** The log of what joins clients, newest first, by page. */
export class RulesLog {
  items = $state.raw<LogLine[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  /** False where the server keeps no log yet. */
  supported = $state(false);
  private cursor: string | null = null;

  constructor(private readonly projectId: string) {}

  async load() {
    try {
      const page = await api.optional<Page<LogLine>>('GET', this.path(), { query: { limit: 30 } });
      this.supported = page !== null;
      this.items = page?.items ?? [];
      this.take(page);
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  async more() {
    const page = await api.get<Page<LogLine>>(this.path(), { limit: 30, cursor: this.cursor });
    this.items = [...(this.items ?? []), ...page.items];
    this.take(page);
  }

  async undo(id: string) {
    await api.post(`${this.path()}/${id}/undo`);
    await this.load();
  }

  private take(page: Page<LogLine> | null) {
    this.cursor = page?.next_cursor ?? null;
    this.hasMore = this.cursor !== null;
  }

  private path(): string {
    return `/projects/${this.projectId}/multi-contact-log`;
  }
}
