import type { Availability, LiveEvent, ServerFrame } from '@otklik/api';
import {
  LiveSocket,
  Outbox,
  type LinkState,
  type NewEntry,
  type OutboxEntry,
  type SocketLike,
} from '@otklik/chat';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { offline } from '$lib/shared/offline.svelte';
import { Viewers } from './viewers.svelte';
import { session } from '$lib/session/session.svelte';
import { isFollowed, type Follower, type HeardBy } from './follows';
import { api } from '$lib/shared/api';

export type ProjectEvent = LiveEvent & { project_id: string };
type TypingFrame = Extract<ServerFrame, { type: 'typing' }>;
type AckFrame = Extract<ServerFrame, { type: 'ack' }>;

export interface Typing {
  kind: string;
  name: string | null;
  contactId: string;
  /** What stands in the client's field, where the site lets operators see it. */
  text: string;
}

/** What a colleague did: came, went, or said something else of himself. */
export interface ColleagueChange {
  online?: boolean;
  availability?: Availability;
}

const TYPING_FADES_MS = 6_000;
/** Words that are not sent stay for a while after the last key. */
const PREVIEW_FADES_MS = 30_000;
const TYPING_EVERY_MS = 1_500;
/** A short break of the link is mended before anybody needs to read about it. */
const BANNER_AFTER_MS = 1_500;

/** The desk's one connection: events in, messages out. Views subscribe, they never touch the socket. */
class Live {
  link = $state<LinkState>('connecting');
  offline = $state(false);
  pending = $state.raw<OutboxEntry[]>([]);
  readonly onlineContacts = new SvelteSet<string>();
  /** When a visitor was seen to go, in this session of the page. */
  readonly leftAt = new SvelteMap<string, string>();
  readonly typing = new SvelteMap<string, Typing>();
  /** Colleagues who look at a conversation. */
  readonly viewers = new Viewers();

  private socket: LiveSocket | null = null;
  private outbox: Outbox | null = null;
  private readonly eventListeners = new Set<(event: ProjectEvent) => void>();
  private readonly ackListeners = new Set<(frame: AckFrame) => void>();
  private readonly snapshotListeners = new Set<() => Promise<void>>();
  private readonly draftListeners = new Set<(conversationId: string, changedAt: string) => void>();
  private readonly onlineListeners = new Set<() => void>();
  private readonly visitorListeners = new Set<(projectId: string) => void>();
  private readonly announcementListeners = new Set<() => void>();
  private readonly colleagueListeners = new Set<(userId: string, change: ColleagueChange) => void>();
  private readonly typingTimers = new Map<string, ReturnType<typeof setTimeout>>();
  private bannerTimer: ReturnType<typeof setTimeout> | undefined;
  private overdueTimer: ReturnType<typeof setInterval> | undefined;
  private lastTyping = 0;

  start() {
    if (this.socket) return;
    this.outbox = new Outbox(
      localStorage,
      `otklik.outbox.${session.user.id}.`,
      (entry) => this.transmit(entry),
      () => (this.pending = this.outbox?.entries ?? []),
    );
    this.pending = this.outbox.entries;
    this.socket = new LiveSocket(
      {
        connect: () =>
          new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api/v1/live`) as unknown as SocketLike,
        authFrame: () => ({ type: 'auth', csrf: api.csrf ?? '' }),
      },
      {
        onState: (state) => this.linkChanged(state),
        onSnapshotNeeded: (position) => void this.takeSnapshot(position),
        onFrame: (frame) => this.hear(frame),
      },
    );
    this.socket.start();
    this.overdueTimer = setInterval(() => this.outbox?.requeueOverdue(), 5_000);
    addEventListener('online', this.retryNow);
    addEventListener('offline', this.networkLost);
    document.addEventListener('visibilitychange', this.retryNow);
  }

  stop() {
    this.socket?.stop();
    this.socket = null;
    this.outbox = null;
    this.pending = [];
    this.link = 'connecting';
    clearInterval(this.overdueTimer);
    clearTimeout(this.bannerTimer);
    removeEventListener('online', this.retryNow);
    removeEventListener('offline', this.networkLost);
    document.removeEventListener('visibilitychange', this.retryNow);
  }

  /** Hears the events that `name` follows, of every project; returns how to stop. */
  follow<Name extends Follower>(name: Name, listener: (event: HeardBy<Name>) => void): () => void {
    const hear = (event: ProjectEvent) => {
      if (isFollowed(name, event)) listener(event);
    };
    this.eventListeners.add(hear);
    return () => this.eventListeners.delete(hear);
  }
  onAck(listener: (frame: AckFrame) => void): () => void {
    this.ackListeners.add(listener);
    return () => this.ackListeners.delete(listener);
  }
  /** Called when what is on the screen must be fetched again: too many events were missed. */
  onSnapshot(listener: () => Promise<void>): () => void {
    this.snapshotListeners.add(listener);
    return () => this.snapshotListeners.delete(listener);
  }

  /** Called when this operator has written on some device. */
  onDraft(listener: (conversationId: string, changedAt: string) => void): () => void {
    this.draftListeners.add(listener);
    return () => this.draftListeners.delete(listener);
  }
  /** Called with every new connection: marks that were made without one are lost. */
  onOnline(listener: () => void): () => void {
    this.onlineListeners.add(listener);
    return () => this.onlineListeners.delete(listener);
  }

  /** Called when who is on the site of a project has changed, at most once a second. */
  onVisitors(listener: (projectId: string) => void): () => void {
    this.visitorListeners.add(listener);
    return () => this.visitorListeners.delete(listener);
  }

  /** Called when this person has read announcements on some device. */
  onAnnouncementsRead(listener: () => void): () => void {
    this.announcementListeners.add(listener);
    return () => this.announcementListeners.delete(listener);
  }

  /** Called when a colleague came, went, or says something else of himself. */
  onColleague(listener: (userId: string, change: ColleagueChange) => void): () => void {
    this.colleagueListeners.add(listener);
    return () => this.colleagueListeners.delete(listener);
  }

  /** After the list of projects has changed. */
  followProjects() {
    this.socket?.follow(session.projects.map((project) => project.id));
  }

  sendMessage(entry: NewEntry) {
    this.outbox?.add(entry);
  }
  resend(clientId: string, anyway = false) {
    this.outbox?.resend(clientId, { anyway });
  }
  discard(clientId: string): OutboxEntry | null {
    return this.outbox?.discard(clientId) ?? null;
  }
  markRead(conversationId: string, seq: number): boolean {
    return this.socket?.send({ type: 'read', conversation_id: conversationId, seq }) ?? false;
  }
  view(conversationId: string) {
    this.socket?.send({ type: 'viewing', conversation_id: conversationId });
  }
  type(conversationId: string) {
    const now = Date.now();
    if (now - this.lastTyping < TYPING_EVERY_MS) return;
    this.lastTyping = now;
    this.socket?.send({ type: 'typing', conversation_id: conversationId });
  }

  private readonly retryNow = () => {
    if (!document.hidden) this.socket?.retryNow();
  };
  private readonly networkLost = () => (this.offline = true);

  private transmit(entry: OutboxEntry): boolean {
    const sent = this.socket?.send({
      type: 'message',
      client_id: entry.client_id,
      ...(entry.contact_id ? { contact_id: entry.contact_id } : { conversation_id: entry.conversation_id }),
      content: {
        text: entry.text,
        attachments: entry.attachments.map((file) => file.id),
        buttons: [],
        ...(entry.mentions?.length ? { mentions: entry.mentions } : {}),
      },
      ...(entry.kind === 'note' ? { kind: 'note' as const } : {}),
      ...(entry.reply_to ? { reply_to: entry.reply_to } : {}),
      ...(entry.seen_seq === null ? {} : { seen_seq: entry.seen_seq }),
    });
    return sent ?? false;
  }

  private linkChanged(state: LinkState) {
    this.link = state;
    clearTimeout(this.bannerTimer);
    if (state !== 'online') this.viewers.clear();
    if (state === 'online') {
      this.offline = false;
      // The new connection has not been told about anything in flight.
      queueMicrotask(() => this.outbox?.pump());
      this.onlineListeners.forEach((listener) => listener());
      return;
    }
    this.outbox?.disconnected();
    if (state === 'signed_out') session.expired = true;
    this.bannerTimer = setTimeout(() => (this.offline = true), BANNER_AFTER_MS);
  }

  private async takeSnapshot(position: number) {
    const projects = session.projects.map((project) => project.id);
    const start = session.takeStart();
    // Everything was read after the page had learned where the log stood: it goes on from there instead of reading twice.
    if (start !== null && offline.shownFrom === null) {
      this.socket?.subscribe(projects, start);
      return;
    }
    offline.renewed();
    await Promise.allSettled([...this.snapshotListeners].map((listener) => listener()));
    this.socket?.subscribe(projects, position);
  }

  private hear(frame: ServerFrame) {
    switch (frame.type) {
      case 'visitors':
        this.visitorListeners.forEach((listener) => listener(frame.project_id));
        return;
      case 'announcements_read':
        this.announcementListeners.forEach((listener) => listener());
        return;
      case 'hello':
        this.onlineContacts.clear();
        frame.online_contacts.forEach((id) => this.onlineContacts.add(id));
        return;
      case 'event':
        if (frame.kind === 'message.created') this.stopTyping(frame.data.conversation_id);
        this.eventListeners.forEach((listener) => listener(frame));
        return;
      case 'ack':
        this.ackListeners.forEach((listener) => listener(frame));
        this.outbox?.acknowledge(frame.client_id);
        return;
      case 'error':
        if (frame.client_id) this.outbox?.refuse(frame.client_id, frame.code, frame.detail);
        return;
      case 'typing':
        this.startTyping(frame);
        return;
      case 'presence':
        if (!('contact_id' in frame)) {
          this.tellColleague(frame.user_id, { online: frame.online });
          return;
        }
        if (frame.online) this.onlineContacts.add(frame.contact_id);
        else this.wentAway(frame.contact_id);
        return;
      case 'availability':
        if (frame.user_id === session.user.id) session.noteAvailability(frame.availability);
        this.tellColleague(frame.user_id, { availability: frame.availability });
        return;
      case 'viewing':
        this.noteViewer(frame.conversation_id, frame.user);
        return;
      case 'draft':
        this.draftListeners.forEach((listener) => listener(frame.conversation_id, frame.changed_at));
        return;
      case 'gap':
        return;
    }
  }

  private tellColleague(userId: string, change: ColleagueChange) {
    this.colleagueListeners.forEach((listener) => listener(userId, change));
  }

  private wentAway(contactId: string) {
    this.onlineContacts.delete(contactId);
    this.leftAt.set(contactId, new Date().toISOString());
    for (const [id, typist] of this.typing) if (typist.contactId === contactId) this.stopTyping(id);
  }

  private noteViewer(conversationId: string, user: { id: string; name: string }) {
    if (user.id === session.user.id) return;
    this.viewers.note(conversationId, user);
  }

  private startTyping({ conversation_id: id, author, contact_id, text }: TypingFrame) {
    // The field was emptied.
    if (text === '') return this.stopTyping(id);
    this.typing.set(id, { kind: author.kind, name: author.name, contactId: contact_id, text: text ?? '' });
    clearTimeout(this.typingTimers.get(id));
    const fadesMs = text ? PREVIEW_FADES_MS : TYPING_FADES_MS;
    this.typingTimers.set(
      id,
      setTimeout(() => this.stopTyping(id), fadesMs),
    );
  }

  private stopTyping(conversationId: string) {
    this.typing.delete(conversationId);
    clearTimeout(this.typingTimers.get(conversationId));
    this.typingTimers.delete(conversationId);
  }
}

export const live = new Live();
