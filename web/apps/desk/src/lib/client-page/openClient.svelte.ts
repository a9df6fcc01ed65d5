import type {
  Answer,
  ChatStart,
  Connection,
  Contact,
  Conversation,
  Message,
  MultiContact,
  Page,
  Schemas,
} from '@otklik/api';
import { canRetry, EndingLinks, mergeMessages, reduceMessages } from '@otklik/chat';
import { GroupDecisions } from '$lib/card/decisions.svelte';
import { EarlyEvents } from '$lib/live/early';
import { live, type ProjectEvent } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import { ClientFiles } from './files.svelte';

const PAGE_SIZE = 60;

/** One client with everything that is known of them, whether they ever wrote or not. */
export class OpenClient {
  group = $state.raw<MultiContact | null>(null);
  messages = $state.raw<Message[]>([]);
  hasOlder = $state(false);
  status = $state<'loading' | 'ready' | 'missing' | 'error'>('loading');
  error = $state.raw<unknown>(null);
  readonly conversations = new Resource(() => api.all<Conversation>(this.path('conversations')));
  /** What they had of mailings. */
  readonly mailings = new Resource(() => api.all<Answer<Schemas['ClientMailing']>>(this.path('mailings')));
  /** Where they can be written to, and why not elsewhere. */
  readonly ways = new Resource(() => this.fetchWays());
  /** Names of the bots, for the links to them: without these the reasons still stand. */
  connections = $state.raw<Connection[]>([]);
  readonly files: ClientFiles;
  readonly decisions: GroupDecisions;

  private cursor: string | null = null;
  private isLoadingOlder = false;
  private generation = 0;
  private readonly early = new EarlyEvents();
  private readonly endingLinks = new EndingLinks();
  private readonly around = new Refresher(() => this.loadAround());

  readonly contactIds = $derived(new Set(this.group?.contacts.map(({ id }) => id) ?? []));
  /** Whose page it is: what is edited here is theirs. */
  readonly own = $derived(this.group?.contacts.find(({ id }) => id === this.id) ?? null);

  constructor(
    readonly projectId: string,
    readonly id: string,
  ) {
    this.files = new ClientFiles(this.path('files'));
    this.decisions = new GroupDecisions(projectId);
  }

  /** Loads it and follows what happens; returns how to leave. */
  open(): () => void {
    const leave = [
      live.follow('client', (event) => this.apply(event)),
      live.onSnapshot(() => this.load()),
      this.decisions.follow(),
      () => this.around.stop(),
    ];
    void this.load();
    void this.loadConnections();
    return () => {
      this.generation += 1;
      leave.forEach((stop) => stop());
    };
  }

  readonly load = async (): Promise<void> => {
    const generation = ++this.generation;
    this.early.begin();
    try {
      const [group, timeline] = await Promise.all([
        api.get<MultiContact>(this.path('multi-contact')),
        api.get<Page<Message>>(this.path('timeline'), { limit: PAGE_SIZE }),
      ]);
      if (generation !== this.generation) return;
      this.group = group;
      this.messages = mergeMessages([], timeline.items);
      this.takeCursor(timeline);
      this.status = 'ready';
      this.early.take().forEach((event) => this.apply(event));
      void this.decisions.load(group, this.id);
      void this.loadAround();
    } catch (error) {
      if (generation !== this.generation) return;
      this.early.take();
      if ((error as { status?: number }).status === 404) this.status = 'missing';
      else if (this.status !== 'ready') [this.error, this.status] = [error, 'error'];
    }
  };

  async loadOlder() {
    if (!this.cursor || this.isLoadingOlder) return;
    this.isLoadingOlder = true;
    const generation = this.generation;
    try {
      const query = { limit: PAGE_SIZE, cursor: this.cursor };
      const page = await api.get<Page<Message>>(this.path('timeline'), query);
      if (generation !== this.generation) return;
      this.messages = mergeMessages(this.messages, page.items);
      this.takeCursor(page);
    } finally {
      this.isLoadingOlder = false;
    }
  }

  async retry(message: Message) {
    if (!canRetry(message)) return;
    const again = await api.post<Message>(`/projects/${this.projectId}/messages/${message.id}/retry`);
    this.messages = mergeMessages(this.messages, [again]);
  }

  /** Links to files end after a day: what is on a page that was left open is read anew. */
  async renewLinks(now: number) {
    if (this.endingLinks.take(this.messages, now)) await this.load();
  }

  async saveFields(contactId: string, fields: Record<string, string | string[] | null>): Promise<Contact> {
    return this.replace(await api.patch<Contact>(this.pathOf(contactId), { fields }));
  }

  async undoField(contactId: string, key: string, values: string[]): Promise<Contact> {
    const path = `${this.pathOf(contactId)}/fields/${encodeURIComponent(key)}/undo`;
    return this.replace(await api.post<Contact>(path, { values }));
  }

  async saveTags(contactId: string, tags: string[]): Promise<Contact> {
    return this.replace(await api.patch<Contact>(this.pathOf(contactId), { tags }));
  }

  private apply(event: ProjectEvent) {
    this.early.note(event);
    if (event.project_id !== this.projectId) return;
    switch (event.kind) {
      case 'message.created':
      case 'message.updated':
        if (!this.contactIds.has(event.data.contact_id)) return;
        this.messages = reduceMessages(this.messages, event);
        this.around.soon();
        return;
      case 'delivery.updated':
        this.messages = reduceMessages(this.messages, event);
        return;
      case 'contact.updated':
        if (this.contactIds.has(event.data.id)) this.replace(event.data);
        return;
      case 'contact.deleted':
        this.forget(event.data.id);
        return;
      case 'multi_contact.changed': {
        const touched = event.data.groups.flatMap((group) => group.contact_ids);
        const isGone = event.data.dissolved.includes(this.group?.id ?? '');
        if (isGone || touched.some((id) => this.contactIds.has(id))) void this.load();
        return;
      }
      default:
        this.around.soon();
    }
  }

  private replace(contact: Contact): Contact {
    if (!this.group) return contact;
    const contacts = this.group.contacts.map((known) => (known.id === contact.id ? contact : known));
    this.group = { ...this.group, contacts };
    // An address that was entered may open a channel.
    this.around.soon();
    return contact;
  }

  private forget(id: string) {
    if (id === this.id) this.status = 'missing';
    else if (this.group)
      this.group = { ...this.group, contacts: this.group.contacts.filter((contact) => contact.id !== id) };
  }

  private async loadAround() {
    const { conversations, ways, files, mailings } = this;
    await Promise.all([conversations.load(), ways.load(), files.load(), mailings.load()]);
  }

  private async loadConnections() {
    const all = api.all<Connection>(`/projects/${this.projectId}/connections`);
    this.connections = await all.catch(() => []);
  }

  private async fetchWays() {
    const start = await api.post<ChatStart>(`/projects/${this.projectId}/chats/preview`, {
      contact_id: this.id,
    });
    return start.channels;
  }

  private takeCursor(page: Page<Message>) {
    this.cursor = page.next_cursor;
    this.hasOlder = page.next_cursor !== null;
  }

  private pathOf = (contactId: string) => `/projects/${this.projectId}/contacts/${contactId}`;
  private path = (rest: string) => `${this.pathOf(this.id)}/${rest}`;
}
