/** The shapes of docs/API.md. Names and nullability follow that page exactly. */

export type Role = 'owner' | 'admin' | 'operator';
export type Locale = 'ru' | 'en';
export type ChannelKind =
  | 'site'
  | 'telegram'
  | 'whatsapp'
  | 'vk'
  | 'instagram'
  | 'viber'
  | 'ok'
  | 'avito'
  | 'youla'
  | 'email'
  | 'sms'
  | 'messenger'
  | 'api'
  | 'own'
  | (string & {});

export interface User {
  id: string;
  email: string;
  name: string;
  role: Role;
  locale: Locale;
  active: boolean;
  project_ids?: string[];
  invited?: boolean;
  last_seen_at?: string | null;
}

export interface Appearance {
  title: string;
  greeting: string;
  brand: string;
  side: 'right' | 'left';
  locale: 'auto' | 'ru' | 'en';
}

export interface Project {
  id: string;
  name: string;
  site_key: string;
  allowed_origins: string[];
  created_at: string;
  appearance: Appearance;
  demo?: boolean;
}

export interface SessionBody {
  user: User;
  account: { id: string; name: string };
  projects: Project[];
  csrf: string;
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type FieldSource = 'operator' | 'bot' | 'javascript' | 'identity_token' | 'channel' | 'api' | 'import';

export interface FieldValue {
  value: string;
  verified: boolean;
  source: FieldSource;
  set_by?: string | null;
  set_at?: string | null;
}

export interface Contact {
  id: string;
  project_id: string;
  connection_id: string;
  channel: ChannelKind;
  external_id: string;
  handle: string;
  name: string | null;
  fields: Record<string, FieldValue[]>;
  tags: string[];
  multi_contact_id: string;
  online: boolean;
  created_at: string;
  last_seen_at: string | null;
}

export type ConversationStatus = 'bot' | 'new' | 'open' | 'waiting' | 'snoozed' | 'closed';

export interface ConversationContact {
  id: string;
  name: string | null;
  handle: string;
  channel: ChannelKind;
  multi_contact_id: string;
  multi_contact_size: number;
  online: boolean;
}

export interface Conversation {
  id: string;
  project_id: string;
  contact_id: string;
  connection_id: string;
  channel: ChannelKind;
  status: ConversationStatus;
  assignee_id: string | null;
  department_id: string | null;
  unread: number;
  last_message: Message | null;
  seq: number;
  position: number;
  /** Since when the client waits for an answer, where the server says so. */
  waiting_since?: string | null;
  created_at: string;
  closed_at: string | null;
  contact: ConversationContact;
  test: boolean;
  demo: boolean;
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

export interface MessageButton {
  id: string;
  label: string;
  kind: string;
  url?: string;
}

export type DeliveryStatus = 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed' | 'unknown';

export interface Delivery {
  status: DeliveryStatus;
  reason: { code: string; detail: string } | null;
  at: string;
}

export interface MessageContent {
  text: string;
  attachments: Attachment[];
  buttons: MessageButton[][];
  /** The button of ours that the client pressed; the text is its label. */
  pressed?: string;
  event?: { code: string; data: Record<string, unknown> };
}

export interface Message {
  id: string;
  conversation_id: string;
  contact_id: string;
  connection_id: string;
  channel: ChannelKind;
  seq: number;
  position: number;
  author: { kind: 'client' | 'operator' | 'bot' | 'system'; id: string | null; name: string | null };
  kind: 'message' | 'note' | 'event';
  content: MessageContent;
  delivery: Delivery | null;
  client_id: string | null;
  reply_to: string | null;
  created_at: string;
  edited_at: string | null;
}

export type Folder = 'mine' | 'new' | 'open' | 'bot' | 'closed' | 'all';
export type FolderCounts = Record<Folder, number>;

export interface ReplyChannel {
  contact_id: string;
  connection_id: string;
  channel: ChannelKind;
  title: string;
  handle: string;
  can_write: boolean;
  reason: 'blocked_by_client' | 'connection_off' | 'not_started' | (string & {}) | null;
  online: boolean;
  last_message_at: string | null;
}

export interface GroupLink {
  a: string;
  b: string;
  rule_id: string | null;
  field_values: { field: string; value: string; verified?: boolean }[];
  kind: 'rule' | 'manual';
  /** False when any of the values is only claimed. */
  verified?: boolean;
}

export interface MultiContact {
  id: string;
  contacts: Contact[];
  links: GroupLink[];
}

export type FieldKind =
  | 'text'
  | 'long_text'
  | 'number'
  | 'date'
  | 'datetime'
  | 'bool'
  | 'list'
  | 'multi_list'
  | 'phone'
  | 'email'
  | 'link'
  | 'id';

export interface Field {
  key: string;
  title: string;
  kind: FieldKind;
  options?: string[] | null;
  show_when_empty: boolean;
  multi: boolean;
  required: boolean;
  read_only: boolean;
  exclusive: boolean;
  built_in?: boolean;
  hidden?: boolean;
}

/** A deleted field, as it was. */
export interface ArchivedField extends Field {
  /** Values it held, and holds again when it is brought back. */
  values: number;
  archived_at: string;
}

export interface Connection {
  id: string;
  kind: ChannelKind;
  title: string;
  status: 'active' | 'off' | 'error';
  settings: Record<string, unknown>;
  health: {
    checked_at: string | null;
    last_in_at: string | null;
    last_out_at: string | null;
    error: { code: string; detail: string } | null;
    bot?: { username: string };
  };
  /** Where the other side of a bridge calls us; without a host while the server has no public address. */
  hook_url?: string;
  /** A secret that was just made: it comes this once. */
  secret?: string;
}

export interface ProjectUser {
  id: string;
  name: string;
  role: Role;
  online: boolean;
}

/** Long work that a person started and may stop. */
export interface Job<Result = unknown> {
  id: string;
  kind: 'apply_rules' | 'import' | (string & {});
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  progress: { done: number; total: number | null };
  result: Result | null;
  error: string | null;
  error_code: string | null;
}

/** One state of a field of a contact, newest first in lists. */
export interface PastValue {
  what: 'set' | 'cleared' | 'claimed';
  /** False: a claim beside a stronger value. */
  taken: boolean;
  values: string[];
  source: FieldSource;
  set_by: string | { id: string; name: string } | null;
  at: string;
}

/** What an erasure took away. */
export interface EraseReport {
  contacts: number;
  conversations: number;
  messages: number;
  files: number;
  events: number;
  inbound: number;
}

export interface ImportResult {
  rows: number;
  created: number;
  changed: number;
  unchanged: number;
  /** Nothing was taken: verified values stand, the claims are in the history. */
  kept: number;
  refused: number;
  reasons: { row: number; column: string | null; code: string; message: string }[];
}
