import type { Attachment, FormField, MenuButton, Message } from '../contract';

/** A message of ours on its way; it stays until the server has answered. */
export interface Entry {
  client_id: string;
  text: string;
  attachments: Attachment[];
  /** The button that was pressed instead of writing. */
  pressed?: string;
  /** The menu button or suggest whose scenario is to start; its label is the text. */
  launch?: string;
  /** The conversation it is for, as {@link View.talk}; none for the one that goes on. */
  talk?: string;
  /** What a form of a menu button asked, told before the message itself. */
  form?: { button: Form; values: Values };
  order: number;
  /** `slowed`: the server asked to wait; it goes out by itself. */
  state: 'queued' | 'slowed' | 'sending' | 'failed';
  detail: string | null;
}

/** What asks for fields: a menu button, a suggest, or an auto-action, whose form comes by itself and takes no focus. */
export interface Form extends Pick<MenuButton, 'label'> {
  target: { fields?: FormField[] };
  isQuiet?: boolean;
  /** One of the owner's, with his words: before the chat, or while nobody is there. */
  kind?: 'before' | 'offline' | 'rating';
  text?: string;
}

/** What was filled into a form, by the keys of fields. */
export type Values = Record<string, string>;

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
  /** Nothing of the visitor's own leaves before. */
  isAgreed: boolean;
  /** Our messages up to this number were seen by an operator. */
  readSeq: number;
  operatorsOnline: boolean;
  /** In the queue of a team that gives its conversations out; 0 while not in it. */
  place: number;
  operatorName: string | null;
  /** Who is typing; null when nobody, empty when the server gives no name. */
  typing: string | null;
  /** The conversation, when it was closed before the visitor's eyes. */
  closedId: string | null;
  /** The conversation shown: its id, empty for another that has no message yet, null for the one that goes on. */
  talk: string | null;
  history: 'none' | 'loading' | 'failed' | 'ready';
  hasOlder: boolean;
  /** The open form of a menu button, with what the server refused in it. */
  form: { button: Form; title: string; values: Values; fault: string | null } | null;
}
