/** The shapes of docs/API.md, sections "Widget socket" and "Widget over HTTP", as far as the widget reads them. */

import type { Device, MenuHours } from '@otklik/chat/menu';

export type Locale = 'ru' | 'en';

export interface Config {
  version: number;
  project: { name: string };
  appearance: Appearance;
  forms?: { before: AskedForm | null; offline: AskedForm | null };
  /** The channel of this site is switched off: nothing is taken. */
  off: boolean;
  operators_online: boolean;
  reply_minutes: number | null;
  /** When the team comes back, outside its hours. */
  opens_at?: string | null;
  /** A visitor may begin another conversation, and chooses among them. */
  several_conversations?: boolean;
  telegram: { url: string } | null;
  /** Of the project; hours of menu buttons are in it. */
  time_zone?: string;
  menu_buttons?: MenuButton[];
  /** There are auto-actions to be loaded. */
  rules?: boolean;
  /** Operators see who is on the pages. */
  visitors?: boolean;
  /** Operators see what is typed before it is sent; the visitor is told so. */
  typing_preview?: boolean;
}

/** How the owner wants the chat to look. What an older server does not tell is as it was before there was such a thing. */
export interface Appearance {
  title: string;
  title_en?: string;
  greeting: string;
  greeting_en?: string;
  brand: string;
  side: 'right' | 'left';
  locale: 'auto' | Locale;
  /** Whether menu buttons are shown before opening, too. */
  menu?: 'opened' | 'always';
  theme?: Theme;
  /** Of the launcher. */
  icon?: 'mark' | 'chat' | 'question' | 'phone' | 'mail' | 'robot' | 'heart';
  /** From the side and from the bottom. */
  offset?: { x: number; y: number };
  /** Who is shown until somebody answers. */
  operator?: { name: string; name_en: string; photo_url: string | null };
  /** What the visitor agrees to; an empty text is nothing. */
  consent?: { text: string; text_en: string; url: string; required: boolean };
  sound?: boolean;
  /** Where the launcher is not shown. */
  hidden?: { pages: string[]; devices: Device[] };
  /** A closed conversation is asked to be rated. */
  rating?: boolean;
}

export type Theme = 'auto' | 'light' | 'dark';

/** A form before the chat, or of a chat in which nobody is. */
export interface AskedForm {
  text: string;
  text_en: string;
  fields: FormField[];
}

/** Beside the launcher; only those that are on and whose target is there. */
export interface MenuButton {
  id: string;
  label: { ru: string; en?: string | null };
  /** Null is the brand. */
  colour: string | null;
  image: { set?: string | null; url?: string | null } | null;
  hours: MenuHours | null;
  devices: Device[];
  target: {
    kind: string;
    channel?: string;
    url?: string | null;
    new_tab?: boolean;
    phone?: string;
    name?: string;
    fields?: FormField[];
  };
}

/** One field of a form. */
export interface FormField {
  key: string;
  title: string;
  kind: string;
  /** Of menu buttons and suggests every field is. */
  required?: boolean;
  options?: string[];
}

export interface Attachment {
  id: string;
  name: string;
  mime: string;
  size: number;
  url: string;
  width?: number;
  height?: number;
}

export interface Button {
  id: string;
  label: string;
  kind: string;
  url?: string;
}

export interface Delivery {
  status: 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown';
}

export interface Message {
  id: string;
  conversation_id: string;
  contact_id?: string;
  seq: number;
  author: { kind: 'client' | 'operator' | 'bot' | 'system'; name?: string | null };
  kind?: 'message' | 'note' | 'event';
  content: { text?: string; attachments?: Attachment[]; buttons?: Button[][]; deleted?: object };
  delivery?: Delivery | null;
  client_id?: string | null;
  /** The message that it answers. */
  reply_to?: string | null;
  created_at: string;
  edited_at?: string | null;
}

export interface Hello {
  type: 'hello';
  visitor_token: string;
  contact_id: string | null;
  config_version: number;
  conversation: { id: string; seq: number } | null;
  operators_online: boolean;
  unread: number;
}

export interface Ack {
  client_id: string;
  id: string;
  conversation_id: string;
  seq: number;
  created_at: string;
}

export type ServerEvent =
  | { kind: 'message.created'; data: Message }
  | { kind: 'message.updated'; data: Message }
  | { kind: 'delivery.updated'; data: { message_id: string; delivery: Delivery } }
  | {
      kind: 'conversation.updated';
      data: { id: string; status: string; operator: { name: string } | null };
    };

export type ServerFrame =
  | Hello
  | ({ type: 'event' } & ServerEvent)
  | { type: 'gap'; seq: number }
  | ({ type: 'ack' } & Ack)
  | { type: 'error'; client_id?: string; code: string; detail: string; retry_after?: number }
  | { type: 'fields'; client_id?: string; contact_id?: string; ok: boolean }
  | {
      type: 'launched';
      client_id: string;
      contact_id: string;
      started: boolean;
      reason?: 'busy';
    }
  | { type: 'typing'; author: { name: string | null } }
  | { type: 'read'; seq: number }
  | { type: 'operators'; online: boolean }
  | { type: 'queue'; conversation_id: string; place: number }
  /** The team has written to somebody who only looked: he is a contact now. */
  | { type: 'called'; contact_id: string; client_id?: undefined }
  /** The team has closed the conversation. */
  | { type: 'closed'; conversation_id: string };

/** What the server is told of a visit, for the operators' list of visitors. */
export interface TellableVisit {
  since: Date;
  pages: number;
  visits: number;
  device: Device;
  language: string;
  utm: Record<string, string>;
  /** Of the visit's first page. */
  referrer: string;
}

/** Where a message belongs; the conversation that goes on where nothing is said. */
export interface Meant {
  conversation_id?: string;
  new_conversation?: true;
}

/** A conversation in the visitor's list. */
export interface Talk {
  id: string;
  closed: boolean;
  created_at: string;
  last_message: Message | null;
  unread: number;
}

export type ClientFrame =
  | {
      type: 'auth';
      site_key: string;
      visitor_token: string | null;
      identity_token: string | null;
      page: { url: string; title: string; referrer: string };
      locale: Locale;
      visit?: TellableVisit;
    }
  | { type: 'subscribe'; from: number }
  | ({
      type: 'message';
      client_id: string;
      content: { text: string; attachments: string[]; pressed?: string };
    } & Meant)
  | { type: 'launch'; client_id: string; menu_button_id?: string; suggest_id?: string; scenario_id?: string }
  | { type: 'tags'; client_id: string; add: string[]; remove: string[]; clear: boolean }
  | { type: 'target'; client_id: string; reason: string }
  | { type: 'rate'; client_id: string; score: number; comment: string }
  | { type: 'fields'; fields: Record<string, unknown>; client_id: string }
  /** The text only where operators may see it. */
  | { type: 'typing'; text?: string }
  | { type: 'read'; seq: number; conversation_id?: string }
  | { type: 'received'; seq: number }
  | { type: 'page'; url: string; title: string }
  | { type: 'event'; name: string; data: unknown };
