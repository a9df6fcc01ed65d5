import type { Contact, MultiContact, Page } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';

export interface ClientFilter {
  view: 'contacts' | 'groups';
  q: string;
  channel: string;
  tag: string;
  field: string;
  value: string;
}

const NAMES = ['q', 'channel', 'tag', 'field', 'value'] as const;
const PAGE_SIZE = 50;
/** Every row of a group is one more question to the server. */
const GROUP_PAGE_SIZE = 25;
/** The list is more than a few rows: one fetch for a second of events. */
const REFRESH_PAUSE_MS = 1_000;

/** The filter lives in the address: a link shows the same list to a colleague. */
export function readFilter(params: URLSearchParams): ClientFilter {
  const [q, channel, tag, field, value] = NAMES.map((name) => params.get(name) ?? '') as [
    string,
    string,
    string,
    string,
    string,
  ];
  const view = params.get('view') === 'groups' ? 'groups' : 'contacts';
  return { view, q, channel, tag, field, value: field ? value : '' };
}

export function writeFilter(filter: ClientFilter): string {
  const params = new URLSearchParams();
  if (filter.view === 'groups') params.set('view', 'groups');
  for (const name of NAMES) if (filter[name]) params.set(name, filter[name]);
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** As it is when nobody has chosen anything. */
export const NO_FILTER = { q: '', channel: '', tag: '', field: '', value: '' };

export const isFiltered = (filter: ClientFilter) => NAMES.some((name) => filter[name] !== '');

/** The list of clients of one project, record by record or person by person, by page. */
export class ClientsState {
  contacts = $state.raw<Contact[] | null>(null);
  groups = $state.raw<MultiContact[] | null>(null);
  error = $state.raw<unknown>(null);
  /** Kinds of channels to choose among; without them the choice is missing. */
  channels = $state.raw<string[]>([]);
  hasMore = $state(false);
  private cursor: string | null = null;
  private generation = 0;
  private filter: ClientFilter = readFilter(new URLSearchParams());
  private readonly refresher = new Refresher(() => this.refresh(), REFRESH_PAUSE_MS);
  private readonly forget: (() => void)[];

  constructor(readonly projectId: string) {
    this.forget = [
      live.follow('clients', (event) => {
        if (event.project_id === this.projectId) this.refresher.soon();
      }),
      live.onSnapshot(() => this.refresh()),
    ];
  }

  async loadChannels() {
    const kinds = await api.get<{ items: { kind: string }[] }>('/channel-kinds').catch(() => null);
    this.channels = kinds?.items.map(({ kind }) => kind) ?? [];
  }

  dispose() {
    this.generation += 1;
    this.refresher.stop();
    this.forget.forEach((stop) => stop());
  }

  async show(filter: ClientFilter) {
    if (filter.view !== this.filter.view) [this.contacts, this.groups] = [null, null];
    this.filter = filter;
    await this.load();
  }

  async load() {
    const generation = ++this.generation;
    this.cursor = null;
    try {
      const page = await this.fetchPage(null);
      if (generation !== this.generation) return;
      this.contacts = page.contacts;
      this.groups = page.groups;
      this.take(page.next);
      this.error = null;
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
    this.contacts = page.contacts && joined(this.contacts ?? [], page.contacts);
    this.groups = page.groups && joined(this.groups ?? [], page.groups);
    this.take(page.next);
  }

  /** Fetches what is on the screen once more and replaces it at once: no row comes or goes in between. */
  private async refresh() {
    const generation = this.generation;
    const wanted = this.contacts?.length ?? this.groups?.length;
    if (wanted === undefined) return;
    try {
      let page = await this.fetchPage(null);
      let { contacts, groups } = page;
      while (page.next && (contacts ?? groups ?? []).length < wanted) {
        page = await this.fetchPage(page.next);
        contacts = page.contacts && joined(contacts ?? [], page.contacts);
        groups = page.groups && joined(groups ?? [], page.groups);
      }
      // Meanwhile somebody has chosen another filter, or asked for more.
      if (generation !== this.generation) return;
      this.contacts = contacts;
      this.groups = groups;
      this.take(page.next);
      this.error = null;
    } catch {
      // What is on the screen stays; the link banner tells why nothing new comes, and the next event asks again.
    }
  }

  async remove(contact: Contact) {
    await api.delete(this.path(`contacts/${contact.id}`));
    this.contacts = this.contacts?.filter(({ id }) => id !== contact.id) ?? null;
  }

  exportPath(filter: ClientFilter): string {
    return `${this.path('contacts/export')}${writeFilter({ ...filter, view: 'contacts' })}`;
  }

  private async fetchPage(cursor: string | null) {
    if (this.filter.view === 'contacts') {
      const page = await this.fetchContacts(PAGE_SIZE, cursor);
      return { contacts: page.items, groups: null, next: page.next_cursor };
    }
    const { ids, next } = await this.fetchGroupIds(cursor);
    const groups = await Promise.all(
      ids.map((id) => api.get<MultiContact>(this.path(`contacts/${id}/multi-contact`))),
    );
    return { contacts: null, groups: groups.filter(({ contacts }) => contacts.length > 1), next };
  }

  /** One contact of each group. The list of groups knows words and no other filter: with one it starts from the contacts. */
  private async fetchGroupIds(cursor: string | null): Promise<{ ids: string[]; next: string | null }> {
    if (isFiltered({ ...this.filter, q: '' })) {
      const page = await this.fetchContacts(GROUP_PAGE_SIZE, cursor);
      const byGroup = new Map(page.items.map((contact) => [contact.multi_contact_id, contact.id]));
      return { ids: [...byGroup.values()], next: page.next_cursor };
    }
    const query = { q: this.filter.q, min_size: 2, limit: GROUP_PAGE_SIZE, cursor };
    const page = await api.get<Page<{ contacts: { id: string }[] }>>(this.path('multi-contacts'), query);
    return { ids: page.items.flatMap(({ contacts }) => contacts[0]?.id ?? []), next: page.next_cursor };
  }

  private fetchContacts(limit: number, cursor: string | null): Promise<Page<Contact>> {
    const { q, channel, tag, field, value } = this.filter;
    const query = { q, channel, tag, field, value, limit, cursor };
    return api.get<Page<Contact>>(this.path('contacts'), query);
  }

  private take(cursor: string | null) {
    this.cursor = cursor;
    this.hasMore = cursor !== null;
  }

  private path(rest: string): string {
    return `/projects/${this.projectId}/${rest}`;
  }
}

/** A row that moved between two pages while they were fetched stands once. */
function joined<T extends { id: string }>(list: T[], more: T[]): T[] {
  const known = new Set(list.map(({ id }) => id));
  return [...list, ...more.filter(({ id }) => !known.has(id))];
}
