/** Names of the contract (openapi.json), and the few shapes that it leaves open. */

import type { components } from './generated';

export type Schemas = components['schemas'];

/** The server leaves these out when there is nothing to say. */
type Omitted =
  | 'unread'
  | 'pressed'
  | 'mentions'
  | 'event'
  | 'extra'
  | 'deleted'
  | 'form'
  | 'quoted'
  | 'forwarded_from'
  | 'links'
  | 'looks_like'
  | 'width'
  | 'height'
  | 'url'
  | 'key'
  | 'hook_url'
  | 'secret'
  | 'unusable'
  | 'still_compared';

/** An answer: what a program may leave out of a request, the server writes as null. */
export type Answer<T> = T extends readonly (infer Item)[]
  ? Answer<Item>[]
  : T extends object
    ? { [Key in keyof T as Key extends Omitted ? never : Key]-?: Answer<T[Key]> } & {
        [Key in keyof T as Key extends Omitted ? Key : never]: Answer<T[Key]>;
      }
    : T;

type A<Name extends keyof Schemas> = Answer<Schemas[Name]>;

export type Problem = Schemas['Problem'];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** A newer server may know more kinds than this page. */
export type ChannelKind = Schemas['ChannelKind'] | (string & {});

export type Role = Schemas['Role'];
export type Locale = 'ru' | 'en';
export type User = Omit<A<'UserInfo'>, 'locale'> & { locale: Locale } & Partial<
    Pick<A<'Member'>, 'demo' | 'invited' | 'project_ids' | 'second_factor'>
  >;
export type ProjectUser = A<'Assignee'>;
/** What a colleague says of himself. */
export type Availability = Schemas['Availability'];
export type Department = A<'Department'>;
export type NewDepartment = Schemas['NewDepartment'];
export type Tag = A<'Tag'>;
export type TagColour = Schemas['TagColour'];
export type TagUsage = A<'TagUsage'>;
export type NewTag = Schemas['NewTag'];
export type UpdateTag = Schemas['UpdateTag'];
export type RoutingCondition = A<'RoutingCondition'>;
export type RoutingSettings = A<'RoutingSettings'>;
export type Appearance = A<'Appearance'>;
export type AppearanceDraft = A<'AppearanceDraft'>;
export type Project = A<'ProjectInfo'>;
export type SessionBody = Omit<A<'Me'>, 'user'> & { user: User };
export type Connection = A<'ConnectionInfo'>;

/** What users of the desk are told: news, maintenance with its window, an incident. */
export type Announcement = A<'Announcement'>;
export type AnnouncementKind = Schemas['AnnouncementKind'];
export type CurrentAnnouncements = A<'CurrentAnnouncements'>;
export type NewAnnouncement = Schemas['NewAnnouncement'];

export type MenuButton = A<'MenuButton'>;
export type NewMenuButton = Schemas['NewMenuButton'];
export type UploadedSitePicture = Schemas['UploadedSitePicture'];
export type BulkAction = Schemas['BulkAction'];
/** What became of one of many; its conversation is as the reader sees it. */
export type BulkResult = Omit<A<'BulkResult'>, 'conversation'> & { conversation: Conversation | null };
export type SavedView = A<'SavedView'>;
export type ViewQuery = Answer<Schemas['SavedViewQuery']>;
export type NewSavedView = Schemas['NewSavedView'];
export type CannedReply = A<'CannedReply'>;
export type NewCannedReply = Schemas['NewCannedReply'];
export type Suggest = A<'Suggest'>;
export type NewSuggest = Schemas['NewSuggest'];
export type SiteProblem = Schemas['SiteProblem'];
export type AutoAction = A<'AutoAction'>;
export type AutoActionVisitor = A<'AutoActionVisitor'>;
export type SiteVisitor = A<'SiteVisitor'>;
export type SiteVisitorDetail = A<'SiteVisitorDetail'>;
export type SiteVisitorList = A<'SiteVisitorList'>;
export type VisitorStatus = Schemas['VisitorStatus'];
export type ExplainedAutoActions = Schemas['ExplainedAutoActions'];

export type FieldKind = Schemas['FieldKind'];
export type Field = A<'Field'>;
export type ArchivedField = A<'ArchivedField'>;
export type FieldUsage = A<'Usage'>;
export type FieldSource = Schemas['ValueSource'];
export type FieldValue = A<'FieldValue'>;
export type Unusable = Schemas['Unusable'];
export type PastValue = A<'PastValue'>;

export type Contact = A<'Contact'>;
export type LooksLike = Schemas['LooksLike'];
export type ConversationStatus = Schemas['ConversationStatus'];
export type ConversationContact = A<'ConversationContact'>;
/** As its reader sees it: only events, which all readers share, have no `unread`. */
export type Conversation = Omit<A<'Conversation'>, 'unread'> & { unread: number };
/** A row of a list that was asked for `together`. */
export type ListedConversation = Conversation & { together?: Conversation[] };
export type FolderCounts = A<'Counts'>;
export type Folder = Exclude<keyof FolderCounts, 'unread'>;
export type Order = 'waiting' | 'newest';
export type SavedDraft = A<'SavedDraft'>;
export type ReplyChannel = A<'ReplyChannel'>;

/** Whom one writes to first, through which channels, and why not through the others. */
export type ChatStart = A<'ChatStart'>;
export type ChatWay = A<'ChatWay'>;
export type StartChat = Schemas['StartChat'];

export type Attachment = A<'Attachment'>;
export type MessageButton = A<'Button'>;
export type DeliveryStatus = Schemas['DeliveryStatus'];
export type Delivery = A<'Delivery'>;
export type MessageContent = A<'Content'>;
export type MessageExtra = NonNullable<MessageContent['extra']>;
export type NamedLink = A<'NamedLink'>;
export type Message = A<'Message'>;

export type Rule = A<'Rule'> & Partial<A<'RuleInfo'>>;
export type RuleDraft = Omit<A<'Rule'>, 'id' | 'key'> & { key?: string };
export type PreviewContact = A<'ContactBrief'>;
export type RulesPreview = A<'PreviewInfo'>;
export type SharedValue = A<'SharedValue'>;
export type Override = A<'StandingOverride'>;
export type Suggestion = A<'Suggestion'>;
export type GroupLink = A<'Link'>;
export type MultiContact = A<'MultiContact'>;
export type MultiContactSettings = A<'ProjectSettings'>;
export type ValueState = A<'ValueState'>;
export type GroupConflict = A<'Conflict'>;
export type GroupingEffect = A<'Effect'>;
export type LogLine = A<'LogInfo'>;
export type LogSnapshot = A<'Snapshot'>;
export type LogConfig = Extract<LogSnapshot, { of: 'config' }>;

export type ValueProblem = 'empty' | 'placeholder' | 'invalid' | 'garbage' | 'blocked' | 'unverified';

/** Why two clients are apart; `rule` is a rule's id. */
export type WhyReason =
  | { reason: 'value'; rule: string; field: string; contact: string; problem: ValueProblem }
  | { reason: 'needs_more'; rule: string; same: string[]; missing: string[] }
  | { reason: 'differs'; rule: string; field: string }
  | { reason: 'hub'; rule: string; values: string[]; contacts: number; limit: number }
  | { reason: 'size'; rule: string; values: string[]; limit: number }
  | { reason: 'override'; override_id: string; contact: string }
  | { reason: 'rule_off'; rule: string };

export type Why = Omit<A<'Why'>, 'reasons'> & { reasons: WhyReason[] };

/** Long work that a person started and may stop; each kind has a result of its own. */
export type Job<Result = unknown> = Omit<A<'ProjectJob'>, 'result'> & { result: Result | null };

/** Who did what of weight. */
export type AuditLine = A<'AuditLine'>;

/** Whether the log of it is what was written. */
export type AuditCheck = A<'AuditCheck'>;

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
  reasons: RowReason[];
  /** Kept as they are, though nothing can be compared with them. A job of an older program does not say. */
  unusable?: number;
  unusable_values?: RowReason[];
}

export interface RowReason {
  row: number;
  column: string | null;
  code: string;
  message: string;
}
