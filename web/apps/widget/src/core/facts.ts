import type { ClientFrame } from '../contract';
import { warnOnce } from '../warn';
import type { Connection } from './connection';
import { newId } from './outbox';

type Fields = Record<string, unknown>;
type Asked = Extract<ClientFrame, { type: 'fields' | 'launch' | 'tags' | 'target' | 'rate' }>;
type Without<T> = T extends unknown ? Omit<T, 'client_id'> : never;

/** What has an answer of the server; its number is made here. */
export type Told = Without<Asked>;

const MOST_EVENTS = 100;

interface Waiting {
  frame: Asked;
  wasSent: boolean;
  answer(fault: string | null): void;
}

/**
 * What the page tells about the visitor. It may come before there is a line, so it waits, and is repeated after every
 * hello until the server has answered.
 */
export class Facts {
  readonly #waiting = new Map<string, Waiting>();
  readonly #events: ClientFrame[] = [];
  #isClaimed = false;

  constructor(
    private readonly connection: Connection,
    private readonly claimedId: string | undefined,
    /** Something waits for a line. */
    private readonly connect: () => void,
  ) {}

  tell(told: Told): Promise<string | null> {
    const frame: Asked = { ...told, client_id: newId() };
    this.connect();
    return new Promise((answer) => {
      this.#waiting.set(frame.client_id, { frame, wasSent: this.connection.send(frame), answer });
    });
  }

  setFields(fields: Fields) {
    this.claimId();
    // However long there is no line, there is one frame for it.
    const last = [...this.#waiting.values()].at(-1);
    if (last?.frame.type === 'fields' && !last.wasSent) return void Object.assign(last.frame.fields, fields);
    const told = { ...fields };
    void this.tell({ type: 'fields', fields: told }).then((fault) => {
      const each = Object.entries(told);
      if (fault === null || each.length < 2) return complain(fault);
      // One that the project does not have must not cost the others.
      for (const [key, value] of each)
        void this.tell({ type: 'fields', fields: { [key]: value } }).then(complain);
    });
  }

  /** The id the page gave before load is only a claim; it goes with the first thing that makes a contact. */
  claimId() {
    if (this.#isClaimed || !this.claimedId) return;
    this.#isClaimed = true;
    this.setFields({ customer_id: this.claimedId });
  }

  sendEvent(name: string, data: unknown) {
    this.connect();
    if (this.connection.isPlain) return warnOnce('event', 'is not known to this server');
    const frame: ClientFrame = { type: 'event', name, data };
    if (!this.connection.send(frame) && this.#events.length < MOST_EVENTS) this.#events.push(frame);
  }

  repeat() {
    for (const waiting of this.#waiting.values()) this.#send(waiting);
    for (const frame of this.#events.splice(0)) this.connection.send(frame);
  }

  /** True when the answer was about something told here. */
  answered(clientId: string | undefined, fault: string | null = null, retryAfter = 0): boolean {
    const waiting = this.#waiting.get(clientId!);
    if (!waiting) return false;
    if (retryAfter) setTimeout(() => this.#send(waiting), retryAfter * 1000);
    else {
      this.#waiting.delete(clientId!);
      waiting.answer(fault);
    }
    return true;
  }

  /** Unless somebody has been answered, or has left, in the meantime. */
  #send(waiting: Waiting) {
    const { frame } = waiting;
    if (this.#waiting.has(frame.client_id)) waiting.wasSent = this.connection.send(frame);
  }

  /** The person who was told about is not here any more. */
  clear() {
    this.#waiting.clear();
  }
}

/** Refused things are not repeated; the page's author finds the reason in the console. */
export function complain(fault: string | null) {
  if (fault !== null) console.warn('Otklik:', fault);
}
