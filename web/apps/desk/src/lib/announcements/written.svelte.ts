import type { Announcement, Connection, Page } from '@otklik/api';
import { toast } from 'svelte-sonner';
import { m } from '$lib/paraglide/messages';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { bodyOf, type AnnouncementDraft } from './draft';

const PAGE_SIZE = 50;

/** What this person may announce and has announced, the newest first, by page. */
export class WrittenAnnouncements {
  items = $state.raw<Announcement[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  /** Channels of every site this person sees. */
  connections = $state.raw<Connection[]>([]);
  private cursor: string | null = null;

  readonly load = async () => {
    this.error = null;
    try {
      this.items = await this.page(null);
    } catch (error) {
      this.error = error;
    }
  };

  /** Without them an announcement is about no channel, and everything else can be written. */
  async loadConnections() {
    const lists = session.projects.map((project) =>
      api.all<Connection>(`/projects/${project.id}/connections`).catch(() => []),
    );
    this.connections = (await Promise.all(lists)).flat();
  }

  async more() {
    this.items = [...(this.items ?? []), ...(await this.page(this.cursor))];
  }

  async save(announcement: Announcement | null, draft: AnnouncementDraft) {
    const now = Date.now();
    const isTold = Boolean(announcement?.published_at && Date.parse(announcement.published_at) <= now);
    const body = bodyOf(draft, isTold);
    if (announcement) await api.patch(this.path(announcement), body);
    else await api.post('/announcements', { ...body, for_all_accounts: draft.forAll });
    await this.load();
  }

  publish = (announcement: Announcement) =>
    attempt(async () => {
      await api.patch(this.path(announcement), { draft: false, publish_at: new Date(0).toISOString() });
      await this.load();
    });

  /** Nobody sees its line any more. */
  end = (announcement: Announcement) =>
    attempt(async () => {
      await api.post(`${this.path(announcement)}/end`);
      await this.load();
      toast.success(m.announcement_ended_done());
    });

  remove = (announcement: Announcement) =>
    attempt(async () => {
      await api.delete(this.path(announcement));
      await this.load();
    });

  private path = ({ id }: Announcement) => `/announcements/${id}`;

  private async page(cursor: string | null): Promise<Announcement[]> {
    const query = { view: 'written', limit: PAGE_SIZE, cursor };
    const page = await api.get<Page<Announcement>>('/announcements', query);
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
    return page.items;
  }
}
