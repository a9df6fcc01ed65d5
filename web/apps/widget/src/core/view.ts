import type { Attachment, Message } from '../contract';

/** A message of ours on its way; it stays until the server has answered. */
export interface Entry {
  client_id: string;
  text: string;
  attachments: Attachment[];
  /** The button that was pressed instead of writing. */
  pressed?: string;
  order: number;
  /** `slowed`: the server asked to wait; it goes out by itself. */
  state: 'queued' | 'slowed' | 'sending' | 'failed';
  detail: string | null;
}

export type Link = 'connecting' | 'online' | 'offline';

/** What the panel shows. Lists are replaced, never changed in place, so equal means untouched. */
export interface View {
  messages: Message[];
  entries: Entry[];
  link: Link;
  /** Sockets do not get through, but HTTP does: no reason to speak of a lost connection. */
  isPolling: boolean;
  /** The site’s channel is switched off: what was said can be read, and nothing is taken. */
  isOff: boolean;
  /** Our messages up to this number were seen by an operator. */
  readSeq: number;
  operatorsOnline: boolean;
  operatorName: string | null;
  /** Who is typing; null when nobody, empty when the server gives no name. */
  typing: string | null;
  history: 'none' | 'loading' | 'failed' | 'ready';
  hasOlder: boolean;
}
