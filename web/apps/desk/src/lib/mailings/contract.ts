import type { ChannelKind, DeliveryStatus } from '@otklik/api';

/** What the server says of mailings (`/projects/{id}/mailings`), by the names of its contract. */

export type MailingState =
  | 'draft'
  | 'scheduled'
  | 'preparing'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'done'
  | 'stopped'
  | 'failed';

export type FieldOp =
  | 'is_filled'
  | 'is_empty'
  | 'is'
  | 'is_not'
  | 'contains'
  | 'not_contains'
  | 'starts_with'
  | 'ends_with'
  | 'at_least'
  | 'at_most'
  | 'below'
  | 'in'
  | 'not_in';

/** Who stands behind a number of a scenario's report. */
export interface ReportSegment {
  scenario_id: string;
  block: string;
  exit?: string;
  from?: string;
  to?: string;
  mailing_id?: string;
}

export type FieldLeaf = { field: string; op: FieldOp; value?: string | string[] };

/** One condition of an audience; `not` turns it round. */
export type Leaf = { not?: true } & (
  | FieldLeaf
  | { tag: string }
  | { channel: string }
  | { connection_id: string }
  | { last_seen: true; within_days: number }
  | { wrote: true; within_days: number }
  | { report: ReportSegment }
  | { mailing: { id: string; state?: string } }
  | { contacts: string[] }
);

/** A group inside the audience: its members are leaves. */
export type InnerGroup = { all: Leaf[] } | { any: Leaf[] };
export type Item = InnerGroup | Leaf;
/** Nothing in `all` is everybody. */
export type Audience = { all: Item[] } | { any: Item[] };

export interface OwnText {
  subject?: string;
  text?: string;
}
export interface TextBody {
  text: string;
  per_channel?: Partial<Record<string, OwnText>>;
}
export interface ScenarioBody {
  scenario_id: string;
  launch?: string;
}

export interface QuietHours {
  from: string;
  to: string;
}
export interface Schedule {
  /** On a clock, without an offset: `2026-12-03T10:00`. None is at once. */
  at?: string | null;
  zone: 'project' | 'client';
  quiet?: QuietHours | null;
  last?: string | null;
}

export interface MailingDocument {
  title: string;
  audience: Audience;
  matching_only: boolean;
  body: ScenarioBody | TextBody;
  channels: string[];
  fallback: boolean;
  schedule: Schedule;
  pace_per_minute?: number | null;
  frequency?: { times: number; days: number } | null;
  required?: { reason: string } | null;
  opt_out_line: boolean;
}

/** `people = skipped + queued + sending + sent + failed + unknown`; delivered and read are within sent. */
export interface Counts {
  people: number;
  queued: number;
  sending: number;
  sent: number;
  delivered: number;
  read: number;
  failed: number;
  unknown: number;
  skipped: number;
  clicked: number;
  answered: number;
}

/** What forbids the start, by the path in the document. */
export interface MailingProblem {
  path: string;
  code: string;
  message: string;
}

export interface Mailing {
  id: string;
  state: MailingState;
  revision: number;
  document: MailingDocument;
  held: 'overdue' | 'restored' | null;
  counts: Counts;
  problems: MailingProblem[];
  scenario_name: string | null;
  created_at: string;
  created_by: string | null;
  changed_at: string;
  starts_at: string | null;
  started_at: string | null;
  ended_at: string | null;
}

export interface ChannelShare {
  people: number;
  per_minute: number;
  seconds: number;
}
export interface ZoneShare {
  zone: string;
  people: number;
  starts_at: string;
  waits_seconds: number;
}

/** `contacts - duplicates = people = reachable + sum of skipped`. */
export interface Preflight {
  at: string;
  contacts: number;
  people: number;
  duplicates: number;
  reachable: number;
  by_channel: Record<string, ChannelShare>;
  /** Of those who are reached: who has another channel, too. */
  fallback: number;
  skipped: Record<string, number>;
  missing_fields: Record<string, number>;
  seconds: number;
  ends_at: string | null;
  zones: ZoneShare[];
  zone_unknown: number;
  /** Whose window ends before the start. */
  may_close: number;
  problems: MailingProblem[];
}

export type RecipientState =
  | 'queued'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'unknown'
  | 'skipped';
/** What recipients are asked for by: a state, or what they did. */
export type RecipientAsk = RecipientState | 'clicked' | 'answered';

export interface Recipient {
  person_id: string;
  contact_id: string;
  name: string;
  handle: string;
  channel: ChannelKind | null;
  connection_id: string | null;
  state: RecipientState;
  reason: string | null;
  created_at: string;
  sent_at: string | null;
  state_at: string;
  message_id: string | null;
  conversation_id: string | null;
  text: string | null;
  step: string | null;
  answered: boolean;
  clicked: boolean;
  zone: string | null;
}

export interface ChannelCounts {
  people: number;
  sent: number;
  delivered: number;
  read: number;
  failed: number;
  answered: number;
}
export interface MailingReport {
  counts: Counts;
  by_channel: Record<string, ChannelCounts>;
  skipped: Record<string, number>;
  failed: Record<string, number>;
}

export interface SampleItem {
  channel: ChannelKind;
  subject: string | null;
  text: string;
  /** Fields that it prints and that are empty. */
  missing: string[];
  buttons: string[];
}
export interface Sample {
  contact_id: string;
  name: string;
  items: SampleItem[];
}

/** The last attempt on a chosen contact. */
export interface Test {
  contact_id: string;
  name: string;
  channel: ChannelKind;
  status: DeliveryStatus | null;
  reason: string | null;
  sent_at: string | null;
  problem: { code: string; message: string } | null;
}

export interface Matched {
  contacts: { id: string; name: string }[];
  unmatched: { row: number; value: string }[];
}

export interface MailingSettings {
  stop_words: string[];
  scope: 'person' | 'channel';
  version: number;
}
