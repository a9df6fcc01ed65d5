import {
  ApiError,
  type SiteVisitor,
  type SiteVisitorDetail,
  type SiteVisitorList,
  type VisitorStatus,
} from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import { heldRows } from './held';
import { STATUSES } from './words';

export interface VisitorFilter {
  q: string;
  status: VisitorStatus | '';
}

export const NO_FILTER: VisitorFilter = { q: '', status: '' };

const PAGE_SIZE = 50;
const REFRESH_PAUSE_MS = 1_000;

/** The filter lives in the address: a link shows the same list to a colleague. */
export function readFilter(params: URLSearchParams): VisitorFilter {
  const status = STATUSES.find((name) => name === params.get('status')) ?? '';
  return { q: params.get('q') ?? '', status };
}

export function writeFilter({ q, status }: VisitorFilter): string {
  const params = new URLSearchParams();
  if (q) params.set('q', q);
  if (status) params.set('status', status);
  const text = params.toString();
  return text ? `?${text}` : '';
}

export const isFiltered = ({ q, status }: VisitorFilter) => q !== '' || status !== '';

/** Who is on the site of one project now, by page. The server says that something changed; the list is read again. */
export class VisitorsState {
  items = $state.raw<readonly SiteVisitor[] | null>(null);
  error = $state.raw<unknown>(null);
  total = $state(0);
  hasMore = $state(false);
  /** Who has come while the rows are held. */
  waiting = $state(0);
  private fresh: readonly SiteVisitor[] = [];
  private isHeld = false;
  private cursor: string | null = null;
  private generation = 0;
  private filter = NO_FILTER;
  private readonly refresher = new Refresher(() => this.refresh(), REFRESH_PAUSE_MS);
  private readonly forget: (() => void)[];

  constructor(readonly projectId: string) {
    this.forget = [
      live.onVisitors((id) => {
        if (id === projectId) this.refresher.soon();
      }),
      live.follow('visitors', (event) => {
        if (event.project_id === projectId) this.refresher.soon();
      }),
      live.onSnapshot(() => this.refresh()),
    ];
  }

  dispose() {
    this.generation += 1;
    this.refresher.stop();
    this.forget.forEach((stop) => stop());
  }

  async show(filter: VisitorFilter) {
    this.filter = filter;
    await this.load();
  }

  async load() {
    const generation = ++this.generation;
    try {
      const page = await this.fetchPage(null);
      if (generation !== this.generation) return;
      this.error = null;
      this.take(page.items, page, false);
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  }

  async more() {
    if (!this.cursor) return;
    // A refresh under way knows nothing of the next page: it gives way.
    const generation = ++this.generation;
    const page = await this.fetchPage(this.cursor);
    if (generation !== this.generation) return;
    this.take(joined(this.fresh, page.items), page, false);
  }

  /** True while somebody points at the rows, or goes through them by keys. */
  hold(isHeld: boolean) {
    if (isHeld === this.isHeld) return;
    this.isHeld = isHeld;
    if (!isHeld) this.release();
  }

  /** Puts the rows in their order. */
  release() {
    if (this.items === null) return;
    this.items = this.fresh;
    this.waiting = 0;
  }

  /** Fetches as much as is on the screen once more. */
  private async refresh() {
    const generation = this.generation;
    if (this.items === null) return;
    const wanted = this.fresh.length;
    try {
      let page = await this.fetchPage(null);
      let items: readonly SiteVisitor[] = page.items;
      while (page.next_cursor && items.length < wanted) {
        page = await this.fetchPage(page.next_cursor);
        items = joined(items, page.items);
      }
      // Meanwhile somebody has chosen another filter, or asked for more.
      if (generation !== this.generation) return;
      this.error = null;
      this.take(items, page, this.isHeld);
    } catch {
      // What is on the screen stays; the link banner tells why nothing new comes, and the next change asks again.
    }
  }

  private take(items: readonly SiteVisitor[], page: SiteVisitorList, isHeld: boolean) {
    this.fresh = items;
    this.total = page.total;
    this.cursor = page.next_cursor;
    this.hasMore = page.next_cursor !== null;
    if (!isHeld) return this.replace(items);
    const { rows, waiting } = heldRows(this.items ?? [], { items, hasMore: this.hasMore });
    this.items = rows;
    this.waiting = waiting;
  }

  private replace(items: readonly SiteVisitor[]) {
    this.items = items;
    this.waiting = 0;
  }

  private fetchPage(cursor: string | null): Promise<SiteVisitorList> {
    const query = { ...this.filter, cursor, limit: PAGE_SIZE };
    return api.get<SiteVisitorList>(`/projects/${this.projectId}/visitors`, query);
  }
}

/** Who moved between two pages while they were fetched stands once. */
function joined(list: readonly SiteVisitor[], more: readonly SiteVisitor[]): readonly SiteVisitor[] {
  const known = new Set(list.map(({ id }) => id));
  return [...list, ...more.filter(({ id }) => !known.has(id))];
}

interface Written {
  conversation_id: string;
  contact_id: string;
  message_id: string;
}

/** One visitor, looked at closely. */
export class OneVisitor {
  data = $state.raw<SiteVisitorDetail | null>(null);
  error = $state.raw<unknown>(null);
  private readonly refresher = new Refresher(() => this.load(), REFRESH_PAUSE_MS);
  private readonly forget: () => void;
  /** What was sent last: the same words once more are the same message. */
  private sent = { key: '', clientId: '' };

  constructor(
    readonly projectId: string,
    readonly id: string,
  ) {
    this.forget = live.onVisitors((project) => {
      if (project === projectId) this.refresher.soon();
    });
  }

  dispose() {
    this.refresher.stop();
    this.forget();
  }

  /** Left the site. */
  get isGone(): boolean {
    return this.error instanceof ApiError && this.error.status === 404;
  }

  readonly load = async () => {
    try {
      this.data = await api.get<SiteVisitorDetail>(this.path);
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  };

  /** The first word to somebody who has not asked; `assign` makes it the operator's own conversation. */
  async write(text: string, assign: boolean): Promise<Written> {
    const key = JSON.stringify([text, assign]);
    if (key !== this.sent.key) this.sent = { key, clientId: crypto.randomUUID() };
    const body = { client_id: this.sent.clientId, text, assign };
    return api.post<Written>(`${this.path}/conversation`, body);
  }

  private get path(): string {
    return `/projects/${this.projectId}/visitors/${this.id}`;
  }
}
