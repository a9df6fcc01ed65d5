import type { Conversation, Folder, LiveEvent, Message } from '@otklik/api';
import { laterDelivery } from './delivery';

/**
 * One conversation after one event. The rule behind the tests: a list that applied every event equals a list
 * fetched afresh.
 */
export function reduceConversation(known: Conversation, event: LiveEvent, me: string): Conversation {
  switch (event.kind) {
    case 'message.created':
      return event.data.conversation_id === known.id ? withNewMessage(known, event.data, me) : known;
    case 'message.updated': {
      if (known.last_message?.id !== event.data.id) return known;
      return { ...known, last_message: event.data };
    }
    case 'delivery.updated': {
      const last = known.last_message;
      if (last?.id !== event.data.message_id) return known;
      return {
        ...known,
        last_message: { ...last, delivery: laterDelivery(last.delivery, event.data.delivery) },
      };
    }
    case 'conversation.created':
    case 'conversation.updated': {
      const isOlder = event.data.position < known.position;
      if (event.data.id !== known.id || isOlder) return known;
      // `unread` belongs to the reader, so the event, which all readers share, has none.
      return { ...known, ...event.data, unread: known.unread };
    }
    case 'conversation.read': {
      const { conversation_id, user_id, seq } = event.data;
      if (conversation_id !== known.id || user_id !== me) return known;
      return { ...known, unread: Math.max(0, Math.min(known.unread, known.seq - seq)) };
    }
    case 'contact.created':
    case 'contact.updated': {
      const { id, name, handle, multi_contact_id, tags, looks_like } = event.data;
      if (id !== known.contact.id) return known;
      return { ...known, contact: { ...known.contact, name, handle, multi_contact_id, tags, looks_like } };
    }
    case 'multi_contact.changed':
      return withGroups(known, event.data.groups, event.data.dissolved);
    // Also for kinds that a newer server tells, and for what was erased from its log.
    default:
      return known;
  }
}

/** The time of a conversation that was put off has come: whoever it is for finds it unread. */
const WOKEN = 'conversation.woken';

function withNewMessage(known: Conversation, message: Message, me: string): Conversation {
  // Events may be heard twice: after a reconnect, and for messages that the snapshot already holds.
  if (message.seq <= known.seq) return known;
  const isReply = message.author.kind === 'operator' && message.kind === 'message';
  const next: Conversation = {
    ...known,
    last_message: message,
    seq: message.seq,
    position: Math.max(known.position, message.position),
    unread: message.author.kind === 'client' ? known.unread + 1 : known.unread,
    status: isReply && known.status === 'open' ? 'waiting' : known.status,
  };
  const isForMe = known.assignee_id === null || known.assignee_id === me;
  if (message.content.event?.code === WOKEN && isForMe) next.unread = Math.max(1, known.unread);
  if (known.waiting_since !== undefined) {
    if (isReply) next.waiting_since = null;
    if (message.author.kind === 'client') next.waiting_since = known.waiting_since ?? message.created_at;
  }
  return next;
}

function withGroups(
  known: Conversation,
  groups: { id: string; contact_ids: string[] }[],
  dissolved: string[],
): Conversation {
  const contact = known.contact;
  const joined = groups.find((group) => group.contact_ids.includes(contact.id));
  if (joined) {
    const next = { ...contact, multi_contact_id: joined.id, multi_contact_size: joined.contact_ids.length };
    return { ...known, contact: next };
  }
  const isLeft = groups.some((group) => group.id === contact.multi_contact_id);
  const isAlone = isLeft || dissolved.includes(contact.multi_contact_id);
  return isAlone ? { ...known, contact: { ...contact, multi_contact_size: 1 } } : known;
}

export function isInFolder(
  conversation: Pick<Conversation, 'status' | 'assignee_id'>,
  folder: Folder,
  me: string,
): boolean {
  const { status, assignee_id } = conversation;
  switch (folder) {
    case 'mine':
      return assignee_id === me && status !== 'closed' && status !== 'snoozed';
    case 'new':
      return status === 'new';
    case 'open':
      return status === 'open' || status === 'waiting';
    case 'bot':
      return status === 'bot';
    case 'snoozed':
      return status === 'snoozed';
    // Only the server knows whom notes name and what is read of them.
    case 'mentions':
      return false;
    case 'closed':
      return status === 'closed';
    case 'all':
      return status !== 'closed';
  }
}

/** Messages in timeline order, each once; the newer copy of a message wins. */
export function mergeMessages(known: Message[], heard: Message[]): Message[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of heard) {
    const before = byId.get(message.id);
    const delivery = before ? laterDelivery(before.delivery, message.delivery) : message.delivery;
    byId.set(message.id, { ...message, delivery });
  }
  return [...byId.values()].sort((a, b) => a.position - b.position || a.seq - b.seq);
}

/** A thread after one event; the caller has checked that the event is about one of the thread's contacts. */
export function reduceMessages(known: Message[], event: LiveEvent): Message[] {
  switch (event.kind) {
    case 'message.created':
      return mergeMessages(known, [event.data]);
    case 'message.updated':
      return known.some((message) => message.id === event.data.id)
        ? mergeMessages(known, [event.data])
        : known;
    case 'delivery.updated': {
      const { message_id, delivery } = event.data;
      return known.map((message) =>
        message.id === message_id
          ? { ...message, delivery: laterDelivery(message.delivery, delivery) }
          : message,
      );
    }
    default:
      return known;
  }
}
