import {
  ApiError,
  type Attachment,
  type Contact,
  type Conversation,
  type Message,
  type MultiContact,
  type Page,
  type ReplyChannel,
} from '@otklik/api';
import {
  canRetry,
  EndingLinks,
  mergeMessages,
  reduceConversation,
  reduceMessages,
  type OutboxEntry,
} from '@otklik/chat';
import { groupChange, type GroupChange } from './groupChange';
import { History } from './history.svelte';
import { inbox } from '$lib/inbox/inbox.svelte';
import { EarlyEvents } from '$lib/live/early';
import { asMessage } from './pending';
import type { Beside } from './quote';
import { live, type ProjectEvent } from '$lib/live/live.svelte';
import { heardIn, suggested } from './replyChannel';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';

const PAGE_SIZE = 60;
/** As many as the server gives at once. */
const RENEWED_AT_ONCE = 200;

/** Conversations that were chosen among those of one client: they are answered where they are, wherever the client wrote last. */
export const answerHere = new Set<string>();

/** One open thread: the joint timeline of a multi-contact, seen from one of its conversations. */
export class ThreadState {
  conversation = $state.raw<Conversation | null>(null);
  messages = $state.raw<Message[]>([]);
  channels = $state.raw<ReplyChannel[]>([]);
  group = $state.raw<MultiContact | null>(null);
  /** Other conversations of this client. */
  readonly history: History;
  /** Those of them that go on beside the open one. */
  readonly together = $derived.by(() => this.history.goingOn(this.contactIds));
  /** The contact (channel) that the next answer goes to. */
  replyTo = $state<string | null>(null);
  /** The first message nobody had read when the thread was opened: it stays marked until one answers. */
  firstUnread = $state<string | null>(null);
  status = $state<'loading' | 'ready' | 'missing' | 'error'>('loading');
  error = $state.raw<unknown>(null);
  hasOlder = $state(false);
  loadingOlder = $state(false);
  /** The message that somebody came for. */
  sought = $state<string | null>(null);

  isGone = false;
  private cursor: string | null = null;
  private generation = 0;
  private readonly early = new EarlyEvents();
  /** The channel was picked by hand: no later message of the client changes it. */
  private isPicked = false;
  private readonly endingLinks = new EndingLinks();
  private readonly readUpTo = new Map<string, number>();
  private readonly forget: (() => void)[];

  /** The open one and those beside it, as marks of colleagues and of typing are looked for. */
  readonly ids = $derived.by(() => [this.id, ...this.together.map(({ id }) => id)]);
  /** The conversation that the next answer goes to: what is drafted for it stays with it. */
  readonly answering = $derived.by(
    () =>
      this.together.find(({ contact_id }) => contact_id === this.replyTo && contact_id !== this.ownContact)
        ?.id ?? this.id,
  );
  readonly contactIds = $derived(new Set(this.group?.contacts.map((contact) => contact.id) ?? []));
  readonly pending = $derived.by(() => {
    const known = new Set(this.messages.map((message) => message.client_id));
    const own = live.pending.filter((entry) => this.owns(entry) && !known.has(entry.client_id));
    const { conversation, channels } = this;
    return own.map((entry) => asMessage(entry, { conversation, channels, author: session.user }));
  });
  readonly staleEntry = $derived(
    live.pending.find(
      (entry) => this.owns(entry) && entry.state === 'failed' && entry.error?.code === 'stale',
    ) ?? null,
  );

  constructor(
    readonly projectId: string,
    readonly id: string,
    /** Others joined the open client, or left it. */
    private readonly ongroup: (change: GroupChange) => void = () => {},
    /** Something is written that has not been sent: the field stays with its conversation. */
    private readonly isWriting: (id: string) => boolean = () => false,
  ) {
    this.history = new History(projectId, id);
    this.forget = [
      live.follow('thread', (event) => this.apply(event)),
      live.onAck((frame) => {
        this.apply({ kind: 'message.created', data: frame.message, project_id: this.projectId });
      }),
      live.onSnapshot(() => this.load()),
    ];
  }

  dispose() {
    this.generation += 1;
    this.isGone = true;
    this.forget.forEach((stop) => stop());
  }

  async load() {
    const generation = ++this.generation;
    this.early.begin();
    const base = `/projects/${this.projectId}`;
    try {
      const conversation = await api.get<Conversation>(`${base}/conversations/${this.id}`);
      const contact = `${base}/contacts/${conversation.contact_id}`;
      const [timeline, channels, group] = await Promise.all([
        api.get<Page<Message>>(`${contact}/timeline`, { limit: PAGE_SIZE }),
        api.get<Page<ReplyChannel>>(`${contact}/reply-channels`),
        api.get<MultiContact>(`${contact}/multi-contact`),
        // What goes on beside is known with the thread: the field below it is of one of them.
        this.history.load(conversation),
      ]);
      if (generation !== this.generation) return;
      const change = this.group && groupChange(this.group.contacts, group.contacts);
      this.conversation = conversation;
      this.group = group;
      this.channels = channels.items;
      this.messages = mergeMessages([], timeline.items);
      this.takeCursor(timeline);
      this.chooseChannel();
      if (this.status === 'loading') this.firstUnread = this.findFirstUnread();
      this.status = 'ready';
      this.applyEarly();
      if (change) this.ongroup(change);
    } catch (error) {
      if (generation !== this.generation) return;
      this.error = error;
      this.applyEarly();
      const isMissing = (error as { status?: number }).status === 404;
      if (this.status !== 'ready') this.status = isMissing ? 'missing' : 'error';
    }
  }

  async loadOlder(limit = PAGE_SIZE) {
    if (!this.cursor || this.loadingOlder || !this.conversation) return;
    this.loadingOlder = true;
    const generation = this.generation;
    try {
      const path = `/projects/${this.projectId}/contacts/${this.conversation.contact_id}/timeline`;
      const page = await api.get<Page<Message>>(path, { limit, cursor: this.cursor });
      if (generation !== this.generation) return;
      this.messages = mergeMessages(this.messages, page.items);
      this.takeCursor(page);
    } finally {
      this.loadingOlder = false;
    }
  }

  /** Reads anew what has links to files that are about to end, a page at a time. */
  async renewLinks(now: number) {
    const message = this.endingLinks.take(this.messages, now);
    if (!message) return;
    const generation = this.generation;
    const path = `/projects/${this.projectId}/conversations/${message.conversation_id}/messages`;
    const page = await api.get<Page<Message>>(path, { before: message.seq + 1, limit: RENEWED_AT_ONCE });
    if (generation !== this.generation) return;
    const known = new Set(this.messages.map(({ id }) => id));
    this.messages = mergeMessages(
      this.messages,
      page.items.filter(({ id }) => known.has(id)),
    );
  }

  send(text: string, attachments: Attachment[], kind: 'message' | 'note', beside: Beside = {}) {
    const conversation = this.conversation;
    if (!conversation) return;
    // Who answers has read.
    if (kind === 'message') this.firstUnread = null;
    const elsewhere = kind === 'message' && this.replyTo !== null && this.replyTo !== conversation.contact_id;
    const target = elsewhere ? this.replyTo : conversation.contact_id;
    live.sendMessage({
      client_id: crypto.randomUUID(),
      project_id: this.projectId,
      conversation_id: conversation.id,
      contact_id: elsewhere ? this.replyTo : null,
      kind,
      text,
      attachments,
      ...(beside.mentions?.length ? { mentions: beside.mentions } : {}),
      ...(beside.answered ? { reply_to: beside.answered } : {}),
      seen_seq: kind === 'note' ? null : this.lastSeq(target),
      created_at: new Date().toISOString(),
    });
  }

  /** A refused delivery gets a new attempt on the server; a message that never arrived is sent again. */
  async retry(message: Message) {
    const isLocal = message.id === message.client_id;
    if (isLocal) {
      live.resend(message.id);
      return;
    }
    if (!canRetry(message)) return;
    const path = `/projects/${this.projectId}/messages/${message.id}/retry`;
    const answer = await api.post<Message>(path);
    // The socket may have told of a later state before this answer came.
    const now = this.messages.find((known) => known.id === answer.id);
    const isOlder = (now?.delivery?.at ?? '') > (answer.delivery?.at ?? '');
    if (!isOlder) this.messages = mergeMessages(this.messages, [answer]);
  }

  /** Somebody else's meanwhile is not taken away. */
  async assign(userId: string | null, insteadOf: string | null) {
    await this.act('assign', { user_id: userId, instead_of: insteadOf });
  }
  async accept() {
    await this.act('accept');
  }
  async transfer(body: Record<string, string | null>) {
    await this.act('transfer', body);
  }
  async close() {
    await this.act('close');
  }
  async reopen() {
    await this.act('reopen');
  }
  /** Until a moment, or, without one, until the client writes. */
  async snooze(until: string | null) {
    await this.act('snooze', until ? { until } : { until_reply: true });
  }
  async wake() {
    await this.act('wake');
  }

  /** Marks everything on the screen as read, in every conversation of the group. */
  markRead() {
    const seqs = new Map<string, number>();
    for (const message of this.messages) {
      seqs.set(message.conversation_id, Math.max(seqs.get(message.conversation_id) ?? 0, message.seq));
    }
    for (const [id, seq] of seqs) {
      const beside = this.together.find((item) => item.id === id);
      const unread = id === this.id ? this.conversation?.unread : (inbox.find(id) ?? beside)?.unread;
      const isNew = seq > (this.readUpTo.get(id) ?? 0);
      if (!(unread || this.namesMe(id)) || !isNew || !live.markRead(id, seq)) continue;
      this.readUpTo.set(id, seq);
      inbox.markRead(id);
      if (this.conversation?.id === id) this.conversation = { ...this.conversation, unread: 0 };
    }
  }

  /** A note that names the reader is read like a client's word, whoever has the conversation. */
  private namesMe(id: string): boolean {
    return this.messages.some(
      ({ conversation_id, content }) => conversation_id === id && content.mentions?.includes(session.user.id),
    );
  }

  async saveFields(contactId: string, fields: Record<string, string | string[] | null>): Promise<Contact> {
    const path = `/projects/${this.projectId}/contacts/${contactId}`;
    return this.replaceContact(await api.patch<Contact>(path, { fields }));
  }

  /** Puts back what a field held before the edit that made `values` of it. */
  async undoField(contactId: string, key: string, values: string[]): Promise<Contact> {
    const path = `/projects/${this.projectId}/contacts/${contactId}/fields/${encodeURIComponent(key)}/undo`;
    return this.replaceContact(await api.post<Contact>(path, { values }));
  }

  async saveTags(contactId: string, tags: string[]): Promise<Contact> {
    const path = `/projects/${this.projectId}/contacts/${contactId}`;
    return this.replaceContact(await api.patch<Contact>(path, { tags }));
  }

  chooseReplyChannel(contactId: string) {
    const channel = this.channels.find((item) => item.contact_id === contactId);
    if (!channel?.can_write) return;
    this.replyTo = contactId;
    this.isPicked = true;
  }

  private findFirstUnread(): string | null {
    const unread = this.conversation?.unread ?? 0;
    const fromClient = this.messages.filter(
      (message) => message.conversation_id === this.id && message.author.kind === 'client',
    );
    return unread > 0 ? (fromClient.at(-unread)?.id ?? null) : null;
  }

  private async act(verb: string, body?: unknown) {
    const path = `/projects/${this.projectId}/conversations/${this.id}/${verb}`;
    try {
      this.adopt(await api.post<Conversation>(path, body));
    } catch (error) {
      // Refused for what it has become meanwhile: the screen shows that.
      if (error instanceof ApiError && error.status === 409) await this.refresh();
      throw error;
    }
  }

  private async refresh() {
    const path = `/projects/${this.projectId}/conversations/${this.id}`;
    const conversation = await api.get<Conversation>(path).catch(() => null);
    if (conversation) this.adopt(conversation);
  }

  private adopt(conversation: Conversation) {
    this.conversation = conversation;
    inbox.adopt(conversation);
  }

  private applyEarly() {
    this.early.take().forEach((event) => this.apply(event));
  }

  private apply(event: ProjectEvent) {
    this.early.note(event);
    if (event.project_id !== this.projectId || !this.conversation) return;
    this.conversation = reduceConversation(this.conversation, event, session.user.id);
    this.history.apply(event, this.contactIds);
    switch (event.kind) {
      case 'message.created':
      case 'message.updated':
        if (!this.isOurs(event.data)) return;
        this.messages = reduceMessages(this.messages, event);
        if (event.kind === 'message.created') this.hear(event.data);
        return;
      case 'delivery.updated':
        this.messages = reduceMessages(this.messages, event);
        return;
      case 'contact.updated':
        this.replaceContact(event.data);
        // A client who blocks us, or lets us write again, is told as a change of the contact.
        if (this.contactIds.has(event.data.id)) void this.loadChannels();
        return;
      case 'contact.deleted':
        this.forgetContact(event.data.id);
        return;
      case 'settings.updated':
        if (event.data.resource === 'connections') void this.loadChannels();
        return;
      case 'multi_contact.changed':
        if (this.touches(event.data)) void this.load();
        return;
      default:
        return;
    }
  }

  private touches(change: { groups: { id: string; contact_ids: string[] }[]; dissolved: string[] }): boolean {
    const isMember = change.groups.some((group) => group.contact_ids.some((id) => this.contactIds.has(id)));
    const isSame = change.groups.some((group) => group.id === this.group?.id);
    return isMember || isSame || change.dissolved.includes(this.group?.id ?? '');
  }

  private replaceContact(contact: Contact): Contact {
    if (!this.group || !this.contactIds.has(contact.id)) return contact;
    const contacts = this.group.contacts.map((known) => (known.id === contact.id ? contact : known));
    this.group = { ...this.group, contacts };
    return contact;
  }

  /** Who is deleted did not part from anybody. */
  private forgetContact(id: string) {
    if (!this.group || id === this.conversation?.contact_id) return;
    this.group = { ...this.group, contacts: this.group.contacts.filter((contact) => contact.id !== id) };
    this.channels = this.channels.filter((channel) => channel.contact_id !== id);
    this.chooseChannel();
  }

  private hear(message: Message) {
    if (message.author.kind !== 'client') return;
    this.channels = heardIn(this.channels, message.contact_id, message.created_at);
    this.chooseChannel();
  }

  private async loadChannels() {
    const generation = this.generation;
    const path = `/projects/${this.projectId}/contacts/${this.conversation?.contact_id}/reply-channels`;
    // Those known so far stay: the server refuses a closed channel anyway.
    const page = await api.get<Page<ReplyChannel>>(path).catch(() => null);
    if (!page || generation !== this.generation) return;
    this.channels = page.items;
    this.chooseChannel();
  }

  /** Keeps what the operator picked while it is open for an answer. */
  private chooseChannel() {
    const picked = this.channels.find((channel) => channel.contact_id === this.replyTo);
    const isWriting = this.together.length > 0 && this.isWriting(this.answering);
    if ((this.isPicked || isWriting) && picked?.can_write) return;
    this.isPicked = false;
    this.replyTo = this.mayAnswerHere() ?? suggested(this.channels, this.ownContact);
  }

  private get ownContact(): string {
    return this.conversation?.contact_id ?? '';
  }

  /** Whoever chose this one of a client's conversations answers in it. */
  private mayAnswerHere(): string | null {
    const own = this.channels.find(({ contact_id }) => contact_id === this.ownContact);
    if (!answerHere.delete(this.id) || !own?.can_write) return null;
    this.isPicked = true;
    return own.contact_id;
  }

  private lastSeq(contactId: string | null): number | null {
    const last = this.messages.findLast((message) => message.contact_id === contactId);
    return last?.seq ?? null;
  }

  private isOurs(message: Message): boolean {
    return message.conversation_id === this.id || this.contactIds.has(message.contact_id);
  }

  private owns(entry: OutboxEntry): boolean {
    return (
      entry.conversation_id === this.id ||
      (entry.contact_id !== null && this.contactIds.has(entry.contact_id))
    );
  }

  private takeCursor(page: Page<Message>) {
    this.cursor = page.next_cursor;
    this.hasOlder = page.next_cursor !== null;
  }
}
