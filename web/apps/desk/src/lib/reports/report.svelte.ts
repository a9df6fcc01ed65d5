import type { Answer, Page, Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import { writeQuery, type Asked, type Listed } from './asked';

export type Report = Answer<Schemas['ConversationReport']>;
export type ReportNumbers = Answer<Schemas['ReportNumbers']>;
export type OwnReport = Answer<Schemas['OwnReport']>;
export type ReportRow = Answer<Schemas['ReportRow']>;
export type Reported = Answer<Schemas['ReportedConversation']>;

const PAGE_SIZE = 50;

/** The numbers of a project for the days and the split of the address. */
export class ReportState {
  readonly report = new Resource(() => api.get<Report>(this.path(''), { ...this.asked() }));
  private wanted: Asked | null = null;

  constructor(private readonly projectId: string) {}

  show(asked: Asked) {
    const isOther = this.wanted === null || writeQuery(this.wanted) !== writeQuery(asked);
    this.wanted = asked;
    if (isOther) this.report.restart();
  }

  /** The same numbers as a file. */
  exportPath(): string {
    const { from, to, by } = this.asked();
    return `${this.path('/export')}?${new URLSearchParams({ from, to, by })}`;
  }

  private asked() {
    const { from, to, by } = this.wanted ?? { from: '', to: '', by: 'operator' };
    return { from, to, by };
  }

  private path(rest: string) {
    return `/projects/${this.projectId}/reports/conversations${rest}`;
  }
}

/** The numbers of whoever looks, for the days of the address. */
export class OwnReportState {
  readonly report = new Resource(() =>
    api.get<OwnReport>(`/projects/${this.projectId}/reports/own`, this.days),
  );
  private days = { from: '', to: '' };

  constructor(private readonly projectId: string) {}

  show({ from, to }: Asked) {
    const isOther = this.days.from !== from || this.days.to !== to;
    this.days = { from, to };
    if (isOther) this.report.restart();
  }
}

/** The conversations behind one number, by page. */
export class ReportedState {
  items = $state.raw<readonly Reported[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  private cursor: string | null = null;
  private generation = 0;
  private wanted: { asked: Asked; listed: Listed } | null = null;

  constructor(
    private readonly projectId: string,
    /** Only those of whoever looks: nothing else narrows them. */
    private readonly isOwn = false,
  ) {}

  show(asked: Asked, listed: Listed) {
    this.wanted = { asked, listed };
    this.items = null;
    void this.load();
  }

  readonly load = async () => {
    const generation = ++this.generation;
    this.error = null;
    try {
      const page = await this.page(null);
      if (generation === this.generation) this.take(page.items, page);
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  };

  async more() {
    const generation = this.generation;
    const page = await this.page(this.cursor);
    if (generation === this.generation) this.take([...(this.items ?? []), ...page.items], page);
  }

  private take(items: readonly Reported[], page: Page<Reported>) {
    this.items = items;
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
  }

  private page(cursor: string | null): Promise<Page<Reported>> {
    if (!this.wanted) throw new Error('nothing is asked for');
    const { asked, listed } = this.wanted;
    const params = new URLSearchParams({ from: asked.from, to: asked.to, which: listed.which });
    // A key may be empty: nobody's. The client's own way of asking would leave it out.
    if (listed.key !== null && !this.isOwn) {
      params.set('by', asked.by);
      params.set('key', listed.key);
    }
    if (listed.hour !== null && !this.isOwn) {
      params.set('weekday', String(listed.weekday));
      params.set('hour', String(listed.hour));
    }
    params.set('limit', String(PAGE_SIZE));
    if (cursor) params.set('cursor', cursor);
    const path = `/projects/${this.projectId}/reports/${this.isOwn ? 'own/' : ''}sessions`;
    return api.get<Page<Reported>>(`${path}?${params}`);
  }
}

/** After how many minutes an answer is late. */
export class LimitState {
  readonly settings = new Resource(() => api.get<Schemas['ReportSettings']>(this.path()));

  constructor(private readonly projectId: string) {}

  async change(missed_minutes: number) {
    await api.put(this.path(), { missed_minutes });
    await this.settings.load();
  }

  private path() {
    return `/projects/${this.projectId}/reports/settings`;
  }
}
