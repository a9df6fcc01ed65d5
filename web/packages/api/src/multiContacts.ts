/** What joins contacts into multi-contacts, as docs/API.md has it. */

import type { ChannelKind, Contact } from './types';

export interface Rule {
  id: string;
  key: string;
  fields: string[];
  mode: 'at_once' | 'suggest';
  enabled: boolean;
  verified_only: boolean;
  hub_limit: number | null;
  position: number;
  contacts?: number;
}

export type RuleDraft = Omit<Rule, 'id' | 'contacts' | 'key'> & { key?: string };

/** Where a field is used: shown before it is deleted. */
export interface FieldUsage {
  rules: Rule[];
  values: number;
  contacts: number;
}

export interface PreviewContact {
  id: string;
  name: string | null;
  handle: string;
  channel: ChannelKind;
}

export interface RulesPreview {
  /** Contacts looked at; `before` and `after` count those in groups. */
  total_contacts?: number;
  before: { contacts: number; groups: number };
  after: { contacts: number; groups: number };
  merges: number;
  splits: number;
  joined_contacts: number;
  new_groups: number;
  grown_groups: number;
  largest: { size: number; contacts: PreviewContact[] }[];
  hub_values: { fields: string[]; value: string[]; holders: number }[];
  samples: {
    a: PreviewContact;
    b: PreviewContact;
    rule_id: string | null;
    values: { field: string; value: string }[];
  }[];
  /** Values that rules which only propose would show to operators. */
  proposals: number;
  /** Groups that would hold different values of a field that is one per person; each value with a holder. */
  conflicts: { count: number; samples: { field: string; values: string[]; contacts: PreviewContact[] }[] };
  /** Some of those who would part. */
  separated: { a: PreviewContact; b: PreviewContact }[];
}

/** A decision by hand: two clients are one, or one is somebody else than those it stood with. */
export interface Override {
  id: string;
  kind: 'link' | 'unlink';
  subject: string;
  others: string[];
  created_by: string | null;
  created_at: string;
  note: string | null;
}

export interface SharedValue {
  field: string;
  value: string;
}

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

export interface Why {
  linked: boolean;
  /** From the first contact to the second; `rule_id` may be `manual`. */
  path: { from: string; to: string; rule_id: string; values: SharedValue[] }[];
  reasons: WhyReason[];
}

/** Somebody a rule of mode `suggest` takes for the same person. */
export interface Suggestion {
  /** The contact of the multi-contact that it coincides with. */
  member_id: string;
  contact: Contact;
  rule_id: string;
  field_values: SharedValue[];
}

export interface MultiContactSettings {
  /** Null: no limit. */
  hub_limit: number | null;
  max_group: number | null;
  default_region: string;
  placeholders: string[];
}

/** A value over a limit (`suspended`), or one that an administrator decided about. */
export interface ValueState {
  field: string;
  value: string;
  holders: number;
  state: 'suspended' | 'blocked' | 'allowed';
  /** Field and value by themselves; several where a rule compares several fields. */
  parts: SharedValue[];
  /** What suspends it: too many clients of one value, or too large a group. */
  guard: 'hub' | 'size' | null;
}

/** What an administrator should look at and decide. */
export type GroupConflict =
  | { kind: 'exclusive'; group_id: string; field: string; values: string[]; contacts: PreviewContact[] }
  | { kind: 'too_large'; group_id: string; size: number; contacts: PreviewContact[] }
  | { kind: 'unlink_overruled'; override_id: string; contact: PreviewContact };

/** What a change did to the groups. */
export interface GroupingEffect {
  moved: number;
  merges: number;
  splits: number;
}

export interface LogConfig {
  of: 'config';
  rules: Rule[];
  settings: MultiContactSettings;
  values: { field: string; value: string; state: 'blocked' | 'allowed' }[];
}

export type LogSnapshot = LogConfig | { of: 'override'; decision: Override | null };

export interface LogLine {
  id: string;
  kind: 'rules' | 'settings' | 'value' | 'override' | 'undo';
  before: LogSnapshot;
  after: LogSnapshot;
  result: GroupingEffect;
  note: string | null;
  by: string | { id: string; name: string } | null;
  at: string;
  can_undo: boolean;
}
