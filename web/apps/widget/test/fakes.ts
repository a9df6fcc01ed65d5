import { afterEach, vi } from 'vitest';
import type { ClientFrame, Hello, Message, ServerFrame } from '../src/contract';
import type { SocketLike } from '../src/core/connection';
import { PageCalls } from '../src/calls/page';
import { Session } from '../src/core/session';
import type { Shell } from '../src/shell';

export const PREFIX = 'otklik:key:';

export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: ClientFrame[] = [];
  isClosed = false;

  send(data: string) {
    this.sent.push(JSON.parse(data) as ClientFrame);
  }
  close() {
    this.isClosed = true;
  }
  hear(frame: ServerFrame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  die(code = 1006) {
    this.onclose?.({ code });
  }
  hello(rest: Partial<Hello> = {}) {
    this.onopen?.();
    this.hear({
      type: 'hello',
      visitor_token: 'token',
      contact_id: null,
      config_version: 1,
      conversation: null,
      operators_online: true,
      unread: 0,
      ...rest,
    });
  }
  of<T extends ClientFrame['type']>(type: T) {
    return this.sent.filter((frame): frame is Extract<ClientFrame, { type: T }> => frame.type === type);
  }
  ack(clientId: string, seq: number) {
    const created_at = '2026-11-22T09:00:00.000Z';
    this.hear({
      type: 'ack',
      client_id: clientId,
      id: `msg_${seq}`,
      conversation_id: 'cnv_1',
      seq,
      created_at,
    });
  }
}

export function fakeShell(rest: Partial<Shell> = {}): { shell: Shell; emitted: [string, unknown][] } {
  const emitted: [string, unknown][] = [];
  const shell = {
    origin: 'https://chat.example',
    key: 'key',
    config: { appearance: {}, off: false, operators_online: true } as Shell['config'],
    locale: 'ru' as const,
    setup: {},
    root: {} as ShadowRoot,
    store: {} as Record<string, string>,
    prefix: PREFIX,
    isOpen: false,
    unread: 0,
    isHeld: false,
    isOut: false,
    isEmbedded: false,
    isGone: false,
    dress: vi.fn(),
    render: vi.fn(),
    begin: vi.fn(),

    withCore: (() => Promise.reject(new Error('no core'))) as Shell['withCore'],
    emit: (event: string, data?: unknown) => void emitted.push([event, data]),
    setUnread: vi.fn(),
    open: vi.fn(),
    close: vi.fn(),
    launcher: {} as Shell['launcher'],
    part: (() => Promise.reject(new Error('no part'))) as Shell['part'],
    adopt: vi.fn(),
    ...rest,
  };
  return { shell, emitted };
}

const open: { destroy(): void }[] = [];
afterEach(() => open.splice(0).forEach((session) => session.destroy()));

export function talk(rest: Partial<Shell> = {}) {
  const { shell, emitted } = fakeShell(rest);
  const sockets: FakeSocket[] = [];
  const session = new Session(shell, () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  });
  open.push(session);
  /** As the page calls it. */
  const calls = new PageCalls(shell, session);
  const call = (verb: string, args: unknown[]) => calls.call(verb, args);
  open.push(calls);
  return { shell, emitted, sockets, session, call, socket: () => sockets.at(-1)! };
}

export function message(seq: number, rest: Partial<Message> = {}): Message {
  return {
    id: `msg_${seq}`,
    conversation_id: 'cnv_1',
    seq,
    author: { kind: 'operator', name: 'Анна' },
    content: { text: `text ${seq}` },
    created_at: `2026-11-22T09:00:${String(seq).padStart(2, '0')}.000Z`,
    ...rest,
  };
}

export function created(data: Message): ServerFrame {
  return { type: 'event', kind: 'message.created', data };
}
