import type { Conversation, Message, ReplyChannel } from '@otklik/api';
import type { OutboxEntry } from '@otklik/chat';

interface Around {
  conversation: Conversation | null;
  channels: readonly ReplyChannel[];
  /** Who writes. */
  author: { id: string; name: string };
}

/** An entry of the outbox as the timeline shows it. */
export function asMessage(entry: OutboxEntry, { conversation, channels, author }: Around): Message {
  const target = channels.find((channel) => channel.contact_id === entry.contact_id);
  return {
    id: entry.client_id,
    project_id: conversation?.project_id ?? '',
    conversation_id: entry.conversation_id,
    contact_id: target?.contact_id ?? conversation?.contact_id ?? '',
    connection_id: target?.connection_id ?? conversation?.connection_id ?? '',
    channel: target?.channel ?? conversation?.channel ?? 'site',
    seq: 0,
    position: Number.MAX_SAFE_INTEGER,
    author: { kind: 'operator', id: author.id, name: author.name },
    kind: entry.kind,
    content: {
      text: entry.text,
      attachments: entry.attachments,
      buttons: [],
      mentions: entry.mentions ?? [],
    },
    delivery: { status: entry.state, reason: entry.error, at: entry.created_at },
    client_id: entry.client_id,
    reply_to: entry.reply_to ?? null,
    created_at: entry.created_at,
    edited_at: null,
  };
}
