import type { Attachment, ClientFrame, Meant } from '../contract';
import type { Shell } from '../shell';
import type { SendResult } from './http';
import type { Entry } from './view';

const AGAIN_MS = 5_000;

/**
 * Messages on their way, kept in the site's storage until the server has answered. They leave one at a time and in
 * order; the server keeps one message per client_id, so sending again after any doubt is safe.
 */
export class Outbox {
  entries: Entry[] = [];
  readonly #prefix: string;
  #pause?: ReturnType<typeof setTimeout>;

  constructor(
    private readonly shell: Pick<Shell, 'store' | 'prefix'>,
    private readonly transmit: (entry: Entry) => boolean,
    private readonly onChange: () => void,
  ) {
    // One storage key per message: two tabs of one browser never overwrite each other's.
    const { store, prefix } = shell;
    this.#prefix = prefix + 'out:';
    const saved = Object.keys(store).filter((name) => name.startsWith(this.#prefix));
    const entries = saved.flatMap((name) => parseEntry(store[name]));
    this.entries = entries.sort((a, b) => a.order - b.order);
  }

  add(
    text: string,
    attachments: Attachment[],
    more?: Pick<Entry, 'pressed' | 'launch' | 'form' | 'talk'>,
  ): Entry {
    const last = this.entries.at(-1)?.order ?? 0;
    const order = Math.max(last + 1, Date.now());
    const entry: Entry = {
      client_id: newId(),
      text,
      attachments,
      ...more,
      order,
      state: 'queued',
      detail: null,
    };
    this.entries = [...this.entries, entry];
    this.#save(entry);
    this.pump();
    return entry;
  }

  /** Sends the oldest waiting message unless one is under way. */
  pump() {
    if (this.#pause || this.entries.some((entry) => entry.state === 'sending')) return;
    const next = this.entries.find((entry) => entry.state === 'queued');
    if (next && this.transmit(next)) this.#change(next.client_id, { state: 'sending' });
  }

  /** The server has it. Gives the entry back, or nothing when another tab's answer came first. */
  done(clientId: string): Entry | undefined {
    const entry = this.find(clientId);
    if (!entry) return;
    this.entries = this.entries.filter((other) => other !== entry);
    delete this.shell.store[this.#prefix + clientId];
    this.onChange();
    this.pump();
    return entry;
  }

  /** The new conversation has begun: what was written after its first message goes there, too. */
  begun(talk: string) {
    for (const entry of this.entries) if (entry.talk === '') this.#change(entry.client_id, { talk });
  }

  /** What its form asked is told: the message itself goes out now. */
  told(clientId: string) {
    this.#change(clientId, { form: undefined, state: 'queued' });
    this.pump();
  }

  refuse(clientId: string, detail: string) {
    this.#change(clientId, { state: 'failed', detail });
    this.pump();
  }

  /** The server asked to wait: nothing leaves until then, and everything keeps its order. */
  slow(clientId: string, seconds: number) {
    this.#change(clientId, { state: 'slowed' });
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      for (const entry of this.entries) {
        if (entry.state === 'slowed') this.#change(entry.client_id, { state: 'queued' });
      }
      this.pump();
    }, seconds * 1000);
  }

  /** What came of sending over HTTP, when it was no answer. */
  settle(clientId: string, result: Exclude<SendResult, { ack: unknown }>) {
    if ('slowed' in result) return this.slow(clientId, result.slowed);
    if ('refused' in result) return this.refuse(clientId, result.refused);
    setTimeout(() => {
      this.disconnected();
      this.pump();
    }, AGAIN_MS);
  }

  retry(clientId: string) {
    this.#change(clientId, { state: 'queued', detail: null });
    this.pump();
  }

  /** Whatever was under way may or may not have arrived: it waits for the next connection. */
  disconnected() {
    for (const entry of this.entries) {
      if (entry.state === 'sending') this.#change(entry.client_id, { state: 'queued' });
    }
  }

  /** Whoever wrote these is not here any more. */
  clear() {
    for (const entry of this.entries) delete this.shell.store[this.#prefix + entry.client_id];
    this.entries = [];
    this.onChange();
  }

  find(clientId: string): Entry | undefined {
    return this.entries.find((entry) => entry.client_id === clientId);
  }

  #change(clientId: string, change: Partial<Entry>) {
    const entry = this.find(clientId);
    if (!entry) return;
    const next = { ...entry, ...change };
    this.entries = this.entries.map((other) => (other === entry ? next : other));
    this.#save(next);
  }

  #save(entry: Entry) {
    try {
      this.shell.store[this.#prefix + entry.client_id] = JSON.stringify(entry);
    } catch {
      // A full storage costs only the survival of a reload; the message itself still goes out.
    }
    this.onChange();
  }
}

function parseEntry(text: string | undefined): Entry[] {
  try {
    const entry = JSON.parse(text ?? '') as Entry;
    const state = entry.state === 'failed' ? 'failed' : 'queued';
    return typeof entry.client_id === 'string' ? [{ ...entry, state }] : [];
  } catch {
    // Written by an older version or by hand: nothing can be sent from it.
    return [];
  }
}

/** A launch, of a menu button or a suggest, and the values of a form have frames of their own; everything else is a message. */
export function frameOf(entry: Entry): ClientFrame {
  const { client_id, launch, form } = entry;
  if (launch)
    return { type: 'launch', client_id, [launch[0] === 's' ? 'suggest_id' : 'menu_button_id']: launch };
  if (form) return { type: 'fields', client_id, fields: form.values };
  return { type: 'message', client_id, content: contentOf(entry), ...meantBy(entry) };
}

/** Where a message belongs. */
export function meantBy({ talk }: Entry): Meant {
  if (talk === undefined) return {};
  return talk ? { conversation_id: talk } : { new_conversation: true };
}

/** What a message says on the wire, whichever way it goes. */
export function contentOf({ text, attachments, pressed }: Entry) {
  return { text, attachments: attachments.map((file) => file.id), pressed };
}

/** A UUIDv7: ids in order of time keep the server's index of them dense. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  bytes[0] = (bytes[0]! & 15) | 112;
  bytes[2] = (bytes[2]! & 63) | 128;
  const random = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const hex = Date.now().toString(16).padStart(12, '0') + random;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
