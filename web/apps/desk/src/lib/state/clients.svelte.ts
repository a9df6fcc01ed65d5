import type { Contact, Message, MultiContact, Page } from '@otklik/api';
import { api } from './session.svelte';

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

export const isFiltered = (filter: ClientFilter) => NAMES.some((name) => filter[name] !== '');

/** The list of clients of one project, record by record or person by person, by page. */
export class ClientsState {
  contacts = $state.raw<Contact[] | null>(null);
  groups = $state.raw<MultiContact[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  private cursor: string | null = null;
  private generation = 0;
  private filter: ClientFilter = readFilter(new URLSearchParams());

  constructor(readonly projectId: string) {}

  async show(filter: ClientFilter) {
    if (filter.view !== this.filter.view) [this.contacts, this.groups] = [null, null];
    this.filter = filter;
    await this.load();
  }

  async load() {
    const generation = ++this.generation;
    this.cursor = null;
    try {
      const page = await this.fetchPage();
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
    const generation = this.generation;
    const page = await this.fetchPage();
    if (generation !== this.generation) return;
    const known = new Set(this.groups?.map(({ id }) => id));
    this.contacts = page.contacts && [...(this.contacts ?? []), ...page.contacts];
    this.groups = page.groups && [...(this.groups ?? []), ...page.groups.filter(({ id }) => !known.has(id))];
    this.take(page.next);
  }

  async remove(contact: Contact) {
    await api.delete(this.path(`contacts/${contact.id}`));
    this.contacts = this.contacts?.filter(({ id }) => id !== contact.id) ?? null;
  }

  /** The conversation a click on a client opens: that of the last message. */
  async lastConversation(contactId: string): Promise<string | null> {
    const page = await api.get<Page<Message>>(this.path(`contacts/${contactId}/timeline`), { limit: 1 });
    return page.items[0]?.conversation_id ?? null;
  }

  exportHref(filter: ClientFilter): string {
    return `/api/v1${this.path('contacts/export')}${writeFilter({ ...filter, view: 'contacts' })}`;
  }

  private async fetchPage() {
    if (this.filter.view === 'contacts') {
      const page = await this.fetchContacts(PAGE_SIZE);
      return { contacts: page.items, groups: null, next: page.next_cursor };
    }
    const { ids, next } = await this.fetchGroupIds();
    const groups = await Promise.all(
      ids.map((id) => api.get<MultiContact>(this.path(`contacts/${id}/multi-contact`))),
    );
    return { contacts: null, groups: groups.filter(({ contacts }) => contacts.length > 1), next };
  }

  /** One contact of each group. The list of groups knows words and no other filter: with one it starts from the contacts. */
  private async fetchGroupIds(): Promise<{ ids: string[]; next: string | null }> {
    if (isFiltered({ ...this.filter, q: '' })) {
      const page = await this.fetchContacts(GROUP_PAGE_SIZE);
      const byGroup = new Map(page.items.map((contact) => [contact.multi_contact_id, contact.id]));
      return { ids: [...byGroup.values()], next: page.next_cursor };
    }
    const query = { q: this.filter.q, min_size: 2, limit: GROUP_PAGE_SIZE, cursor: this.cursor };
    const page = await api.get<Page<{ contacts: { id: string }[] }>>(this.path('multi-contacts'), query);
    return { ids: page.items.flatMap(({ contacts }) => contacts[0]?.id ?? []), next: page.next_cursor };
  }

  private fetchContacts(limit: number): Promise<Page<Contact>> {
    const { q, channel, tag, field, value } = this.filter;
    const query = { q, channel, tag, field, value, limit, cursor: this.cursor };
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
