import {
  ApiError,
  type ChatStart,
  type Connection,
  type Contact,
  type Message,
  type Page,
  type StartChat,
} from '@otklik/api';
import { api } from '$lib/shared/api';
import { Uploads } from '$lib/thread/uploads.svelte';
import { addressesIn, isAddress } from './addresses';
import { peopleOf } from './people';

const TYPING_PAUSE_MS = 250;
const FOUND_AT_MOST = 6;

/** A first message: to whom, through which channel, what it says. Of one project; it is made anew for another. */
export class NewChat {
  /** What is typed as the addressee. */
  to = $state('');
  /** A known client instead. */
  contact = $state.raw<Contact | null>(null);
  text = $state('');
  /** The channel that a person has chosen. */
  picked = $state<string | null>(null);
  error = $state.raw<unknown>(null);
  readonly uploads: Uploads;
  private start = $state.raw<ChatStart | null>(null);
  private found = $state.raw<Contact[] | null>(null);
  private connections = $state.raw<Connection[]>([]);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private generation = 0;
  /** What was sent last, and by which id: the same words once more are the same message, others are another. */
  private last = { body: '', clientId: '' };

  constructor(readonly projectId: string) {
    this.uploads = new Uploads(projectId);
  }

  readonly words = $derived(this.to.trim());
  /** Several addresses are a mailing. */
  readonly many = $derived(addressesIn(this.to).length);
  /** There is an addressee whose channels can be asked for. */
  readonly isAddressed = $derived(this.contact !== null || (this.many < 2 && isAddress(this.words)));
  /** Known clients; null while they are looked for. */
  readonly known = $derived.by(() => {
    if (!this.found || (this.isAddressed && !this.start)) return null;
    return peopleOf(this.start?.clients ?? [], this.found);
  });
  /** Null until they have come. */
  readonly ways = $derived(this.start?.channels ?? null);
  /** The channel that it goes through: the chosen one as long as it is open, else the first that is. */
  readonly way = $derived.by(() => {
    const open = this.ways?.filter((way) => way.can_start) ?? [];
    return open.find((way) => way.connection_id === this.picked) ?? open[0] ?? null;
  });

  /** After a change of the addressee. */
  typed() {
    this.forget();
    if (this.words && this.many < 2) this.timer = setTimeout(this.ask, TYPING_PAUSE_MS);
  }

  choose(contact: Contact | null) {
    this.contact = contact;
    this.forget();
    void this.ask();
  }

  /** What the client is called in a channel. */
  handleIn(way: { contact_id: string | null; address: string | null }): string {
    const known = this.start?.clients.find(({ id }) => id === way.contact_id);
    return known?.handle ?? way.address ?? '';
  }

  connection(id: string): Connection | undefined {
    return this.connections.find((connection) => connection.id === id);
  }

  readonly ask = async (): Promise<void> => {
    clearTimeout(this.timer);
    if (!this.contact && !this.words) return;
    const generation = ++this.generation;
    this.error = null;
    try {
      const [start, found] = await Promise.all([this.preview(), this.search()]);
      if (generation === this.generation) [this.start, this.found] = [start, found];
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  };

  /** Names of the bots, for the links to them: without these the reasons still stand. */
  async loadConnections() {
    const all = await api.all<Connection>(this.path('connections')).catch(() => null);
    this.connections = all ?? [];
  }

  async send(): Promise<Message> {
    const connection = this.way?.connection_id;
    if (!connection) throw new Error('there is no channel to send through');
    const body: Omit<StartChat, 'client_id'> = {
      connection_id: connection,
      ...this.addressee(),
      content: { text: this.text.trim(), attachments: this.uploads.ready.map(({ id }) => id) },
    };
    const written = JSON.stringify(body);
    if (this.last.body !== written) this.last = { body: written, clientId: crypto.randomUUID() };
    try {
      return await api.post<Message>(this.path('chats'), { ...body, client_id: this.last.clientId });
    } catch (error) {
      // Meanwhile the channel has closed: the list says so.
      if (error instanceof ApiError && error.status === 409) void this.ask();
      throw error;
    }
  }

  dispose() {
    clearTimeout(this.timer);
    this.generation += 1;
  }

  private forget() {
    clearTimeout(this.timer);
    this.generation += 1;
    [this.start, this.found, this.error] = [null, null, null];
  }

  private addressee() {
    return this.contact ? { contact_id: this.contact.id } : { to: this.words };
  }

  private preview(): Promise<ChatStart | null> {
    if (!this.isAddressed) return Promise.resolve(null);
    return api.post<ChatStart>(this.path('chats/preview'), this.addressee());
  }

  private async search(): Promise<Contact[]> {
    if (this.contact) return [];
    const query = { q: this.words, limit: FOUND_AT_MOST };
    return (await api.get<Page<Contact>>(this.path('contacts'), query)).items;
  }

  private path = (rest: string) => `/projects/${this.projectId}/${rest}`;
}
