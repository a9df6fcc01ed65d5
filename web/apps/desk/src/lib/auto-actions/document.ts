import type { AutoAction } from '@otklik/api';
import type { MenuHours } from '@otklik/chat/menu';
import type { Op } from './facts';

/** An auto-action as the API carries it (section 1 of `site.md`). */
export interface Document {
  title: string;
  enabled: boolean;
  starts: Start;
  conditions: Conditions;
  actions: Action[];
  limits: Limits;
}

export const STARTS = ['page', 'time', 'scroll', 'exit', 'idle', 'event'] as const;
export type Start = (typeof STARTS)[number];

export type LeafValue = string | number | string[] | MenuHours;
export interface Leaf {
  fact: string;
  op: Op;
  value?: LeafValue;
}
export type Group = { all: Leaf[] } | { any: Leaf[] };
export type Member = Leaf | Group;
export type Conditions = { all: Member[] } | { any: Member[] };

export type Action =
  | { type: 'show_suggests'; suggest_ids: string[] }
  | { type: 'message'; author: 'bot' | 'operator'; text: string }
  | { type: 'open_widget' }
  | { type: 'show_form'; fields: string[] }
  | { type: 'start_scenario'; scenario_id: string }
  | { type: 'set_tag'; tag: string }
  | { type: 'set_field'; key: string; value: string }
  | { type: 'notify'; text: string }
  | { type: 'js_event'; name: string };
export type ActionType = Action['type'];

export const PERS = ['visit', 'day', 'ever', 'none'] as const;
export interface Limits {
  per: (typeof PERS)[number];
  times: number;
  pause_seconds: number;
  over_open_dialog: boolean;
}

export const ONCE_A_VISIT: Limits = { per: 'visit', times: 1, pause_seconds: 0, over_open_dialog: false };

/** An auto-action with its document typed: the contract says only that there are objects. */
export type Rule = Omit<AutoAction, keyof Document> & Document;

export const ruleOf = (one: AutoAction) => one as unknown as Rule;

/** What of an auto-action is sent to save it. */
export function documentOf({ title, enabled, starts, conditions, actions, limits }: Document): Document {
  return { title, enabled, starts, conditions, actions, limits };
}

/** How members are joined, and the members. */
export const joined = <T>(group: { all: T[] } | { any: T[] }) =>
  'all' in group
    ? { join: 'all' as const, members: group.all }
    : { join: 'any' as const, members: group.any };

export const isGroup = (member: Member): member is Group => 'all' in member || 'any' in member;

/** Every leaf, in whatever group. */
export const leavesOf = (conditions: Conditions): Leaf[] =>
  joined<Member>(conditions).members.flatMap((one) => (isGroup(one) ? joined<Leaf>(one).members : [one]));

/** One line of a verdict: a condition, and what the fact was. */
export interface Line {
  path: string;
  fact: string;
  op: Op;
  value: LeafValue | null;
  actual: unknown;
  holds: boolean;
}

export type Stop = 'disabled' | 'broken' | 'conditions' | 'limit' | 'pause' | 'open_dialog' | 'priority';

/** What one auto-action would do (section 4 of `site.md`). */
export interface Verdict {
  id: string | null;
  index: number;
  fires: boolean;
  chosen: boolean;
  stopped_by: Stop[];
  limit?: { spent_at: string };
  conditions: Line[];
}
