import type { GroupingEffect, Job, LogLine, Page } from '@otklik/api';
import { api } from '$lib/shared/api';

const PAGE_SIZE = 30;

/** The log of what joins clients, newest first, by page. */
export class RulesLog {
  items = $state.raw<LogLine[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  private cursor: string | null = null;

  constructor(private readonly projectId: string) {}

  async load() {
    try {
      const page = await api.get<Page<LogLine>>(this.path(), { limit: PAGE_SIZE });
      this.items = page.items;
      this.take(page);
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  async more() {
    const page = await api.get<Page<LogLine>>(this.path(), { limit: PAGE_SIZE, cursor: this.cursor });
    this.items = [...(this.items ?? []), ...page.items];
    this.take(page);
  }

  /** The job that undoes it; none when it is done already. */
  async undo(id: string): Promise<Job<GroupingEffect> | null> {
    const answer = await api.post<Job<GroupingEffect> | GroupingEffect>(`${this.path()}/${id}/undo`);
    return 'state' in answer ? answer : null;
  }

  private take(page: Page<LogLine>) {
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
  }

  private path(): string {
    return `/projects/${this.projectId}/multi-contact-log`;
  }
}
