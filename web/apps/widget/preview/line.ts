import type { ClientFrame, Hello, ServerFrame } from '../src/contract';

const CONVERSATION = 'cnv_preview';

/** A line to nobody: takes what is written, and answers nothing to it. */
export class FakeLine {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  #seq = 0;

  constructor(private readonly isOnline: boolean) {
    setTimeout(() => this.onopen?.());
  }

  send(data: string) {
    const frame = JSON.parse(data) as ClientFrame;
    if (frame.type === 'auth') return this.#tell(this.#hello());
    if (frame.type === 'message') return this.#tell(this.#ack(frame.client_id));
    if (frame.type === 'launch') {
      const { client_id } = frame;
      return this.#tell({ type: 'launched', client_id, contact_id: 'con_preview', started: true });
    }
    if ('client_id' in frame) this.#tell({ type: 'fields', client_id: frame.client_id, ok: true });
  }

  close() {}

  #hello(): Hello {
    return {
      type: 'hello',
      visitor_token: 'preview',
      contact_id: null,
      config_version: 1,
      conversation: null,
      operators_online: this.isOnline,
      unread: 0,
    };
  }

  #ack(client_id: string): ServerFrame {
    const seq = ++this.#seq;
    const created_at = new Date().toISOString();
    return { type: 'ack', client_id, id: `msg_${seq}`, conversation_id: CONVERSATION, seq, created_at };
  }

  #tell(frame: ServerFrame) {
    setTimeout(() => this.onmessage?.({ data: JSON.stringify(frame) }));
  }
}
