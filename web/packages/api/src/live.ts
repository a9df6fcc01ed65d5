import type { Contact, Conversation, Delivery, Job, Message } from './types';

/** What the server says on `/api/v1/live`. */
export type ServerFrame =
  | { type: 'hello'; user: { id: string; name: string }; position: number; online_contacts: string[] }
  | ({ type: 'event'; position: number; project_id: string } & LiveEvent)
  | { type: 'gap'; position: number }
  | {
      type: 'typing';
      conversation_id: string;
      contact_id: string;
      author: { kind: string; id: string | null; name: string | null };
    }
  | { type: 'viewing'; conversation_id: string; user: { id: string; name: string } }
  | { type: 'presence'; contact_id?: string; user_id?: string; online: boolean }
  | { type: 'ack'; client_id: string; id: string; conversation_id: string; seq: number; message: Message }
  | { type: 'error'; client_id?: string; code: string; detail: string };

export type LiveEvent =
  | { kind: 'message.created' | 'message.updated'; data: Message }
  | { kind: 'delivery.updated'; data: { message_id: string; conversation_id: string; delivery: Delivery } }
  | {
      kind: 'conversation.created' | 'conversation.updated';
      data: Omit<Conversation, 'unread'> & { unread?: number };
    }
  | { kind: 'contact.created' | 'contact.updated'; data: Contact }
  | { kind: 'contact.deleted'; data: { id: string } }
  | {
      kind: 'multi_contact.changed';
      data: { groups: { id: string; contact_ids: string[] }[]; dissolved: string[] };
    }
  | { kind: 'settings.updated'; data: { resource: string } }
  | { kind: 'job.updated'; data: Job }
  | { kind: 'conversation.read'; data: { conversation_id: string; user_id: string; seq: number } };

/** What an operator's page says. */
export type ClientFrame =
  | { type: 'auth'; csrf: string }
  | { type: 'subscribe'; projects: string[]; from: number }
  | {
      type: 'message';
      client_id: string;
      conversation_id?: string;
      contact_id?: string;
      content: { text: string; attachments: string[]; buttons: never[] };
      kind?: 'note';
      seen_seq?: number;
    }
  | { type: 'read'; conversation_id: string; seq: number }
  | { type: 'typing' | 'viewing'; conversation_id: string };
