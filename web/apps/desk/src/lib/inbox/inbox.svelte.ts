import type { Conversation, Folder, ListedConversation, Order, Page } from '@otklik/api';
import { isInFolder, reduceConversation } from '@otklik/chat';
import { EarlyEvents } from '$lib/live/early';
import { live, type ProjectEvent } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { MergedPages } from './mergedPages';
import { keyOf, rowsOf, unfolded } from './rows';
import { filterQuery, narrowings, NO_FILTER, type ListFilter } from './filter';
import { compareIn, orderIn } from './order';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';

const PAGE_SIZE = 50;
const RENEWED_AFTER_MS = 1_500;

/** What the list is asked for. */
export interface Asked {
  folder: Folder;
  query: string;
  order: Order;
  filter: ListFilter;
  /** Open conversations of one client are one row. */
  together: boolean;
}

/** The list of one folder, of one project or of all. Rows change in place at once; their order changes only when nobody points at them. */
export class InboxState {
  folder = $state<Folder>('mine');
  query = $state('');
  order = $state<Order>('waiting');
  filter = $state.raw<ListFilter>(NO_FILTER);
  together = $state(false);
  items = $state.raw<Conversation[]>([]);
  /** What is shown: `items`, those of one client together. */
  readonly rows = $derived(rowsOf(this.items, this.together));
  status = $state<'loading' | 'ready' | 'error'>('loading');
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  loadingMore = $state(false);
  /** Conversations with something unread that wait to enter or to move: the "2 new" of the list's head. What one did oneself is no news. */
  waitingCount = $state(0);

  private projectIds: readonly string[] = [];
  private wanted = '';
  /** The server alone knows what belongs to a list that is narrowed: it is asked again, unless somebody points at the rows. */
  private readonly renewed = new Refresher(async () => {
    if (this.isHeld) this.isStale = true;
    else await this.reload();
  }, RENEWED_AFTER_MS);
  private isStale = false;
  private pages: MergedPages | null = null;
  private held = new Map<string, Conversation>();
  private moved = new Set<string>();
  private isHeld = false;
  private generation = 0;
  private readonly early = new EarlyEvents();

  constructor() {
    live.follow('inbox', (event) => {
      if (this.projectIds.includes(event.project_id)) this.apply(event);
    });
    live.onSnapshot(() => this.reload());
  }

  async open(projectIds: readonly string[], { folder, query, order: chosen, filter, together }: Asked) {
    const order = orderIn(folder, chosen);
    const wanted = JSON.stringify([projectIds, folder, query, order, filter, together]);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    this.filter = filter;
    this.together = together;
    this.projectIds = projectIds;
    this.folder = folder;
    this.query = query;
    this.order = order;
    this.items = [];
    this.status = 'loading';
    await this.reload();
  }

  async reload() {
    if (this.projectIds.length === 0) return;
    const generation = ++this.generation;
    this.held.clear();
    this.moved.clear();
    this.early.begin();
    try {
      const pages = new MergedPages(this.projectIds, this.compare, (id, cursor) =>
        this.fetchPage(id, cursor),
      );
      const items = await pages.next();
      if (generation !== this.generation) return;
      this.pages = pages;
      this.items = this.inOrder(unfolded(items));
      this.hasMore = pages.hasMore;
      this.status = 'ready';
      this.recount();
      this.applyEarly();
    } catch (error) {
      if (generation !== this.generation) return;
      this.error = error;
      this.applyEarly();
      // A list that is already on the screen is better than an error page.
      if (this.items.length === 0) this.status = 'error';
    }
  }

  async loadMore() {
    const pages = this.pages;
    if (!pages?.hasMore || this.loadingMore) return;
    this.loadingMore = true;
    const generation = this.generation;
    try {
      const items = await pages.next();
      if (generation !== this.generation) return;
      const known = new Set(this.items.map((item) => item.id));
      const more = unfolded(items).filter((item) => !known.has(item.id));
      this.items = this.inOrder([...this.items, ...more]);
      this.hasMore = pages.hasMore;
    } catch {
      // The next scroll asks again; the link banner tells why nothing comes.
    } finally {
      this.loadingMore = false;
    }
  }

  /** True while the pointer is over the list, or the list is scrolled. */
  hold(isHeld: boolean) {
    this.isHeld = isHeld;
    if (isHeld) return;
    this.release();
    if (this.isStale) this.renewed.soon();
    this.isStale = false;
  }

  release() {
    const entering = [...this.held.values()].filter(
      (item) => !this.items.some((known) => known.id === item.id),
    );
    this.items = this.inOrder([...entering, ...this.items]);
    this.held.clear();
    this.moved.clear();
    this.recount();
  }

  find(id: string): Conversation | undefined {
    return this.items.find((item) => item.id === id) ?? this.held.get(id);
  }

  /** What stands in the row above or below. */
  neighbour(id: string | undefined, step: 1 | -1): Conversation | undefined {
    const index = this.rows.findIndex(({ ids }) => ids.includes(id ?? ''));
    if (index < 0) return this.rows[0]?.main;
    return this.rows[index + step]?.main;
  }

  /** An answer of the server about one conversation, before its event arrives. */
  adopt(conversation: Conversation) {
    this.items = this.items.map((item) => (item.id === conversation.id ? conversation : item));
    this.dropLeavers(conversation);
  }

  markRead(id: string) {
    this.items = this.items.map((item) => (item.id === id ? { ...item, unread: 0 } : item));
  }

  private applyEarly() {
    this.early.take().forEach((event) => this.apply(event));
  }

  private apply(event: ProjectEvent) {
    this.early.note(event);
    const before = this.items;
    const after = before.map((item) => reduceConversation(item, event, session.user.id));
    const changed = after.filter((item, index) => item !== before[index]);
    if (changed.length > 0) this.items = after;
    for (const [id, item] of this.held) this.held.set(id, reduceConversation(item, event, session.user.id));
    changed.forEach((item) => this.dropLeavers(item));
    this.move(changed);
    if (this.isAsked) this.renew(event);
    else this.maybeEnter(event);
    this.maybeLeave(event);
  }

  /** A deleted contact takes its conversations along, a disconnected channel those of all its contacts. */
  private maybeLeave(event: ProjectEvent) {
    if (event.kind === 'contact.deleted') {
      for (const item of [...this.items, ...this.held.values()])
        if (item.contact_id === event.data.id) this.drop(item.id);
      this.recount();
    } else if (event.kind === 'multi_contact.changed') {
      // One of those that are one client now may stand further down than what was fetched.
      const joined = new Set(event.data.groups.flatMap(({ contact_ids }) => contact_ids));
      const first = this.items.find(({ contact }) => joined.has(contact.id));
      if (first) void this.gather(first);
    } else if (event.kind === 'settings.updated' && event.data.resource === 'connections') {
      void this.reload();
    }
  }

  /** Rows whose place is another now. */
  private move(changed: Conversation[]) {
    const ordered = this.inOrder(this.items);
    for (const item of changed) {
      if (ordered.indexOf(item) !== this.items.indexOf(item)) this.moved.add(item.id);
    }
    if (this.isHeld) this.recount();
    else this.release();
  }

  /** Searched or narrowed: a live row cannot be checked here. */
  private get isAsked(): boolean {
    return this.query !== '' || narrowings(this.filter) > 0 || this.folder === 'mentions';
  }

  private renew(event: ProjectEvent) {
    const kinds = [
      'conversation.created',
      'conversation.updated',
      'message.created',
      'contact.updated',
      'multi_contact.changed',
    ];
    const isOwnRead = event.kind === 'conversation.read' && event.data.user_id === session.user.id;
    if (kinds.includes(event.kind) || (isOwnRead && this.folder === 'mentions')) this.renewed.soon();
  }

  private maybeEnter(event: ProjectEvent) {
    if (event.kind === 'conversation.created') {
      // Nothing has been said in it yet.
      if (!this.find(event.data.id)) this.enter({ ...event.data, unread: 0 });
    } else if (event.kind === 'conversation.updated') {
      // What is unread is the reader's own: the event, which all readers share, does not say it.
      const isWanted = isInFolder(event.data, this.folder, session.user.id);
      if (isWanted && !this.find(event.data.id)) void this.fetchAndEnter(event.project_id, event.data.id);
    } else if (event.kind === 'message.created' && !this.find(event.data.conversation_id)) {
      void this.fetchAndEnter(event.project_id, event.data.conversation_id);
    }
  }

  private async fetchAndEnter(projectId: string, id: string) {
    const conversation = await api
      .get<Conversation>(`/projects/${projectId}/conversations/${id}`)
      .catch(() => null);
    if (conversation && this.projectIds.includes(projectId) && !this.find(id)) this.enter(conversation);
  }

  /** Fetches what belongs to the row of a client: the server lists each client once, where the first of the conversations stands. */
  private async gather({ project_id, contact_id, contact }: Conversation) {
    if (!this.together || this.isAsked || contact.multi_contact_size < 2) return;
    const path = `/projects/${project_id}/contacts/${contact_id}/conversations`;
    const page = await api.get<Page<Conversation>>(path).catch(() => null);
    if (!page || !this.projectIds.includes(project_id)) return;
    for (const item of page.items)
      if (item.project_id === project_id && !this.find(item.id)) this.enter(item, false);
  }

  private enter(conversation: Conversation, isGathering = true) {
    if (this.isAsked || !isInFolder(conversation, this.folder, session.user.id)) return;
    this.held.set(conversation.id, conversation);
    if (isGathering) void this.gather(conversation);
    if (this.isHeld) this.recount();
    else this.release();
  }

  private dropLeavers(conversation: Conversation) {
    if (this.isAsked || isInFolder(conversation, this.folder, session.user.id)) return;
    this.drop(conversation.id);
  }

  private drop(id: string) {
    this.items = this.items.filter((item) => item.id !== id);
    this.held.delete(id);
    this.moved.delete(id);
  }

  private get compare() {
    return compareIn(this.order);
  }

  private inOrder(items: Conversation[]): Conversation[] {
    return [...items].sort(this.compare);
  }

  private recount() {
    const waiting = [...this.held.keys(), ...this.moved].flatMap((id) => this.find(id) ?? []);
    const rows = waiting
      .filter(({ unread }) => unread > 0)
      .map((item) => (this.together ? keyOf(item) : item.id));
    this.waitingCount = new Set(rows).size;
  }

  private fetchPage(projectId: string, cursor: string | null): Promise<Page<ListedConversation>> {
    const query = {
      folder: this.folder,
      q: this.query,
      order: this.order,
      ...filterQuery(this.filter),
      together: this.together ? 'true' : undefined,
      cursor,
      limit: PAGE_SIZE,
    };
    return api.get<Page<ListedConversation>>(`/projects/${projectId}/conversations`, query);
  }
}

export const inbox = new InboxState();
