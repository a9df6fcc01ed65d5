import type { Attachment } from '@otklik/api';

export interface OutboxEntry {
  client_id: string;
  project_id: string;
  /** The conversation the operator wrote in; entries of one conversation leave in order. */
  conversation_id: string;
  /** Set when the answer goes to another channel of the same multi-contact. */
  contact_id: string | null;
  kind: 'message' | 'note';
  text: string;
  attachments: Attachment[];
  /** Colleagues whom a note names. */
  mentions?: string[];
  /** The message of the same conversation that it answers by name. */
  reply_to?: string;
  seen_seq: number | null;
  created_at: string;
  order: number;
  state: 'queued' | 'sending' | 'failed';
  error: { code: string; detail: string } | null;
}

export type NewEntry = Omit<OutboxEntry, 'state' | 'error' | 'order'>;

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const ACK_TIMEOUT_MS = 15_000;

/**
 * Messages on their way to the server, kept until the server has answered. Every entry is sent again after a lost
 * connection with the same client_id, and the server keeps one message per client_id: repeating is always safe.
 */
export class Outbox {
  private readonly entriesById = new Map<string, OutboxEntry>();
  private readonly sentAt = new Map<string, number>();
  private order = 0;

  constructor(
    private readonly store: Store,
    /** One storage key per entry: two tabs of one browser never overwrite each other's messages. */
    private readonly prefix: string,
    private readonly transmit: (entry: OutboxEntry) => boolean,
    private readonly onChange: () => void = () => {},
    private readonly now: () => number = Date.now,
  ) {
    this.restore();
  }

  get entries(): OutboxEntry[] {
    return [...this.entriesById.values()].sort((a, b) => a.order - b.order);
  }

  add(entry: NewEntry) {
    this.order = Math.max(this.order + 1, this.now());
    this.put({ ...entry, order: this.order, state: 'queued', error: null });
    this.pump();
  }

  /** Sends what may be sent: per conversation one entry at a time, oldest first. */
  pump() {
    const busy = new Set(this.entries.filter((e) => e.state === 'sending').map((e) => e.conversation_id));
    for (const entry of this.entries) {
      if (entry.state !== 'queued' || busy.has(entry.conversation_id)) continue;
      busy.add(entry.conversation_id);
      if (!this.transmit(entry)) return;
      this.sentAt.set(entry.client_id, this.now());
      this.put({ ...entry, state: 'sending' });
    }
  }

  /** The server has the message; the entry is done. */
  acknowledge(clientId: string) {
    if (!this.entriesById.delete(clientId)) return;
    this.store.removeItem(this.prefix + clientId);
    this.sentAt.delete(clientId);
    this.onChange();
    this.pump();
  }

  refuse(clientId: string, code: string, detail: string) {
    const entry = this.entriesById.get(clientId);
    if (!entry) return;
    this.put({ ...entry, state: 'failed', error: { code, detail } });
    this.pump();
  }

  /** The same frame again; without `seen_seq` when the operator has decided to send over a colleague's reply. */
  resend(clientId: string, options: { anyway?: boolean } = {}) {
    const entry = this.entriesById.get(clientId);
    if (!entry) return;
    this.put({ ...entry, state: 'queued', error: null, seen_seq: options.anyway ? null : entry.seen_seq });
    this.pump();
  }

  discard(clientId: string): OutboxEntry | null {
    const entry = this.entriesById.get(clientId) ?? null;
    this.acknowledge(clientId);
    return entry;
  }

  /** Whatever was in flight may or may not have arrived: it waits for the next connection. */
  disconnected() {
    for (const entry of this.entries) {
      if (entry.state === 'sending') this.put({ ...entry, state: 'queued' });
    }
    this.sentAt.clear();
  }

  /** An answer that never comes must not block the conversation. */
  requeueOverdue() {
    for (const entry of this.entries) {
      const sentAt = this.sentAt.get(entry.client_id);
      const isOverdue = sentAt !== undefined && this.now() - sentAt > ACK_TIMEOUT_MS;
      if (entry.state === 'sending' && isOverdue) this.put({ ...entry, state: 'queued' });
    }
    this.pump();
  }

  private put(entry: OutboxEntry) {
    this.entriesById.set(entry.client_id, entry);
    this.store.setItem(this.prefix + entry.client_id, JSON.stringify(entry));
    this.onChange();
  }

  private restore() {
    for (let index = 0; index < this.store.length; index += 1) {
      const key = this.store.key(index);
      if (!key?.startsWith(this.prefix)) continue;
      const entry = parseEntry(this.store.getItem(key));
      if (!entry) continue;
      const state = entry.state === 'failed' ? 'failed' : 'queued';
      this.entriesById.set(entry.client_id, { ...entry, state });
      this.order = Math.max(this.order, entry.order);
    }
  }
}

function parseEntry(text: string | null): OutboxEntry | null {
  try {
    const entry = JSON.parse(text ?? 'null') as OutboxEntry | null;
    return entry && typeof entry.client_id === 'string' && typeof entry.order === 'number' ? entry : null;
  } catch {
    // Written by an older version or by hand: nothing can be sent from it.
    return null;
  }
}
