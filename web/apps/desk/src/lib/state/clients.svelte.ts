import type { Contact, Message, Page } from '@otklik/api';
import { api } from './session.svelte';

/** The list of clients of one project, by page. */
export class ClientsState {
  items = $state.raw<Contact[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  query = $state('');
  private cursor: string | null = null;
  private generation = 0;

  constructor(readonly projectId: string) {}

  async search(query: string) {
    this.query = query;
    await this.load();
  }

  async load() {
    const generation = ++this.generation;
    try {
      const page = await this.fetchPage(null);
      if (generation !== this.generation) return;
      this.items = page.items;
      this.take(page);
      this.error = null;
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  }

  async more() {
    if (!this.cursor) return;
    const page = await this.fetchPage(this.cursor);
    this.items = [...(this.items ?? []), ...page.items];
    this.take(page);
  }

  /** The conversation a click on a client opens: that of the last message. */
  async lastConversation(contactId: string): Promise<string | null> {
    const path = `/projects/${this.projectId}/contacts/${contactId}/timeline`;
    const page = await api.get<Page<Message>>(path, { limit: 1 });
    return page.items[0]?.conversation_id ?? null;
  }

  private fetchPage(cursor: string | null): Promise<Page<Contact>> {
    return api.get<Page<Contact>>(`/projects/${this.projectId}/contacts`, {
      q: this.query,
      cursor,
      limit: 50,
    });
  }

  private take(page: Page<Contact>) {
    this.cursor = page.next_cursor;
    this.hasMore = page.next_cursor !== null;
  }
}
