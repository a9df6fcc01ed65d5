import type { Ack, Message, ServerEvent } from '../contract';
import { newId } from './outbox';
import type { Entry } from './view';

/**
 * Adds messages to a list that may know some of them already: after a reconnect, from history, and as the answer to
 * our own sending the same message is heard several times. It is the same one by id, by client_id, or by its number.
 */
export function mergeMessages(known: Message[], heard: Message[]): Message[] {
  let list = known;
  for (const message of heard) {
    const at = list.findIndex((other) => isSame(other, message));
    if (at < 0) list = [...list, message];
    else {
      const delivery = message.delivery ?? list[at]!.delivery;
      list = list.map((other, index) => (index === at ? { ...message, delivery } : other));
    }
  }
  return list === known ? known : [...list].sort(byTime);
}

function isSame(one: Message, other: Message): boolean {
  if (one.id === other.id) return true;
  if (one.client_id && one.client_id === other.client_id) return true;
  return one.seq === other.seq && one.conversation_id === other.conversation_id;
}

function byTime(one: Message, other: Message): number {
  if (one.conversation_id === other.conversation_id) return one.seq - other.seq;
  return one.created_at < other.created_at ? -1 : 1;
}

/** The message as the server keeps it, before the server's own event about it comes. */
export function fromAck(entry: Entry, ack: Ack): Message {
  return {
    id: ack.id,
    conversation_id: ack.conversation_id,
    seq: ack.seq,
    author: { kind: 'client' },
    content: { text: entry.text, attachments: entry.attachments },
    client_id: entry.client_id,
    created_at: ack.created_at,
  };
}

type Update = Extract<ServerEvent, { kind: 'message.updated' | 'delivery.updated' }>;

/** A change of a message that is not on the screen changes nothing. */
export function applyUpdate(known: Message[], event: Update): Message[] {
  if (event.kind === 'message.updated') {
    const isKnown = known.some((message) => message.id === event.data.id);
    return isKnown ? mergeMessages(known, [event.data]) : known;
  }
  const { message_id, delivery } = event.data;
  return known.map((message) => (message.id === message_id ? { ...message, delivery } : message));
}

/** A message that no server knows of. */
export function localMessage(text: string, operator: string | null): Message {
  return {
    id: newId(),
    conversation_id: newId(),
    seq: 0,
    author: { kind: 'operator', name: operator },
    content: { text },
    created_at: new Date().toISOString(),
  };
}

/** From somebody else, and not on the screen yet. */
export function isNews(message: Message, known: Message[]): boolean {
  return message.author.kind !== 'client' && !known.some(({ id }) => id === message.id);
}
