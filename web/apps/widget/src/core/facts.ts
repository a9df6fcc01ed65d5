import type { ClientFrame } from '../contract';
import type { Connection } from './connection';
import { newId } from './outbox';

type Fields = Record<string, unknown>;

/**
 * What the page tells about the visitor. It may come before there is a line, so fields wait, and are repeated after
 * every hello until the server has answered.
 */
export class Facts {
  readonly #fields = new Map<string, Fields>();
  readonly #events: ClientFrame[] = [];
  #isClaimed = false;

  constructor(
    private readonly connection: Connection,
    private readonly claimedId: string | undefined,
  ) {}

  setFields(fields: Fields) {
    this.claimId();
    const client_id = newId();
    this.#fields.set(client_id, fields);
    this.connection.send({ type: 'fields', fields, client_id });
  }

  /** The id the page gave before load is only a claim; it goes with the first thing that makes a contact. */
  claimId() {
    if (this.#isClaimed || !this.claimedId) return;
    this.#isClaimed = true;
    this.setFields({ customer_id: this.claimedId });
  }

  sendEvent(name: string, data: unknown) {
    const frame: ClientFrame = { type: 'event', name, data };
    if (!this.connection.send(frame)) this.#events.push(frame);
  }

  repeat() {
    for (const [client_id, fields] of this.#fields)
      this.connection.send({ type: 'fields', fields, client_id });
    for (const frame of this.#events.splice(0)) this.connection.send(frame);
  }

  /** True when the answer was about fields. */
  answered(clientId: string | undefined): boolean {
    return clientId !== undefined && this.#fields.delete(clientId);
  }
}
