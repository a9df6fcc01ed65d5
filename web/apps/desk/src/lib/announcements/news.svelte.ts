import type { Announcement, CurrentAnnouncements, Page } from '@otklik/api';
import { SvelteSet } from 'svelte/reactivity';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';
import { Refresher } from '$lib/live/refresher';

/** Timers of browsers do not reach further than 24 days; nobody leaves a page open so long. */
const FURTHEST_MS = 24 * 60 * 60 * 1000;
const PAGE_SIZE = 20;
const MOST_AT_ONCE = 200;

/** What is told to whoever is signed in: the bell, the lines at the top and the feed. */
class News {
  unread = $state(0);
  /** What goes on or lies ahead. The clock says which of it is a line at the top now. */
  current = $state.raw<Announcement[]>([]);
  open = $state(false);
  /** Unfolded in the feed. */
  readonly unfolded = new SvelteSet<string>();

  items = $state.raw<Announcement[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  private cursor: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private generation = 0;

  /** Hears of announcements until the answered function is called. */
  start(): () => void {
    const refresher = new Refresher(() => this.refresh());
    const look = () => refresher.soon();
    const stops = [
      live.follow('announcements', look),
      live.onAnnouncementsRead(look),
      live.onSnapshot(() => this.refresh()),
      live.onOnline(look),
    ];
    return () => {
      clearTimeout(this.timer);
      refresher.stop();
      stops.forEach((stop) => stop());
      this.open = false;
      [this.unread, this.current, this.items] = [0, [], null];
    };
  }

  /** The feed, with one announcement unfolded: that is how it is read. */
  async show(announcement?: Announcement) {
    this.open = true;
    if (announcement) this.unfold(announcement);
    await this.load();
  }

  unfold(announcement: Announcement) {
    this.unfolded.add(announcement.id);
    if (!announcement.read) void this.mark(announcement, false);
  }

  /** Closes the line about something planned, on every device of this person. */
  hide = (announcement: Announcement) => this.mark(announcement, true);

  readonly load = async () => {
    this.error = null;
    try {
      // As much as was on the screen, so that nobody who reads far down loses the place.
      this.items = await this.page(
        null,
        Math.min(MOST_AT_ONCE, Math.max(PAGE_SIZE, this.items?.length ?? 0)),
      );
    } catch (error) {
      this.error = error;
    }
  };

  async more() {
    const page = await this.page(this.cursor);
    this.items = [...(this.items ?? []), ...page];
  }

  async readAll() {
    await api.post('/announcements/read-all', {});
    await this.refresh();
  }

  private async mark(announcement: Announcement, hide: boolean) {
    // Seen at once; when it is not kept, the next look shows it again.
    const marked = (it: Announcement) =>
      it.id === announcement.id ? { ...it, read: true, hidden: it.hidden || hide } : it;
    const wasUnread = !announcement.read;
    this.current = this.current.map(marked);
    this.items = this.items?.map(marked) ?? null;
    if (wasUnread) this.unread = Math.max(0, this.unread - 1);
    try {
      await api.post(`/announcements/${announcement.id}/read`, { hide });
    } catch {
      await this.refresh();
    }
  }

  private async refresh() {
    const generation = ++this.generation;
    try {
      const found = await api.get<CurrentAnnouncements>('/announcements/current');
      if (generation !== this.generation) return;
      this.unread = found.unread;
      this.current = found.announcements;
      this.lookAgainAt(found.changes_at);
    } catch {
      // The link says when the server is away, and every new connection looks again.
      return;
    }
    if (this.open) await this.load();
  }

  private lookAgainAt(moment: string | null) {
    clearTimeout(this.timer);
    if (moment === null) return;
    const wait = Math.min(FURTHEST_MS, Math.max(1_000, Date.parse(moment) - Date.now()));
    this.timer = setTimeout(() => void this.refresh(), wait);
  }

  private async page(cursor: string | null, limit = PAGE_SIZE): Promise<Announcement[]> {
    const page = await api.get<Page<Announcement>>('/announcements', { limit, cursor });
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
    return page.items;
  }
}

export const news = new News();
