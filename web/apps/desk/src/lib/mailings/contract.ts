import type { Answer, Schemas } from '@otklik/api';

/** What the server says of mailings; their documents are known here better than there. */

export type MailingState = Schemas['MailingState'];

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
  | { segment_id: string }
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

/** What it is sent for: a value that a field gets, or a block that is reached, so many days after the message at most. */
export type Goal = { within_days: number } & (FieldLeaf | { scenario_id: string; block: string });

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
  /** Links of the texts lead over this installation, which counts them. */
  count_clicks?: boolean;
  goal?: Goal | null;
}

type A<Name extends keyof Schemas> = Answer<Schemas[Name]>;

/** `people = skipped + queued + sending + sent + failed + unknown`; delivered and read are within sent. */
export type Counts = A<'MailingCounts'>;
/** What forbids the start, by the path in the document. */
export type MailingProblem = A<'ProblemPlace'>;
export type Mailing = Omit<A<'Mailing'>, 'document'> & { document: MailingDocument };

export interface ChannelShare {
  people: number;
  per_minute: number;
  seconds: number;
}
export type ZoneShare = A<'MailingByZone'>;
/** `contacts - duplicates = people = reachable + sum of skipped`. */
export type Preflight = Omit<A<'MailingPreflight'>, 'by_channel'> & {
  by_channel: Record<string, ChannelShare>;
};

export type Recipient = A<'MailingRecipient'>;

export interface ChannelCounts {
  people: number;
  sent: number;
  delivered: number;
  read: number;
  failed: number;
  answered: number;
}
export type MailingReport = Omit<A<'MailingReport'>, 'by_channel'> & {
  by_channel: Record<string, ChannelCounts>;
};

export type Sample = A<'MailingSample'>;
/** The last attempt on a chosen contact. */
export type Test = A<'MailingTest'>;
export type Matched = A<'MailingMatches'>;
export type MailingSettings = A<'MailingSettings'>;
export type ContactOptOut = A<'ContactOptOut'>;
