import { DAYS, type Day, type MenuHours } from '@otklik/chat/menu';
import {
  isGroup,
  joined,
  ONCE_A_VISIT,
  type Action,
  type ActionType,
  type Conditions,
  type Document,
  type Leaf,
  type LeafValue,
  type Limits,
  type Member,
  type Start,
} from './document';
import { isNamed, opsOf, partsOf, valueKind, type FactBase, type Op } from './facts';

export type Join = 'all' | 'any';

/** A condition as its row holds it: what was typed for one operator is kept while another one is looked at. */
export interface LeafDraft {
  key: number;
  base: FactBase;
  name: string;
  op: Op;
  text: string;
  list: string[];
  days: Day[];
  from: string;
  to: string;
}
export interface GroupDraft {
  key: number;
  join: Join;
  leaves: LeafDraft[];
}
export type MemberDraft = LeafDraft | GroupDraft;

/** An action as its row holds it. */
export interface ActionDraft {
  key: number;
  type: ActionType;
  suggests: string[];
  author: 'bot' | 'operator';
  text: string;
  fields: string[];
  scenario: string;
  tag: string;
  field: string;
  value: string;
  name: string;
}

/** An auto-action as its form holds it. */
export interface RuleDraft {
  title: string;
  enabled: boolean;
  starts: Start;
  join: Join;
  members: MemberDraft[];
  actions: ActionDraft[];
  limits: Limits;
}

export const MOST_LEAVES = 50;
export const MOST_ACTIONS = 20;

let lastKey = 0;
const nextKey = () => ++lastKey;

export const isGroupDraft = (member: MemberDraft): member is GroupDraft => 'leaves' in member;

/** A fresh condition about a fact. */
export function newLeaf(base: FactBase = 'page_path', more: Partial<LeafDraft> = {}): LeafDraft {
  const [op = 'is'] = opsOf(base);
  const empty = { name: '', text: '', list: [], days: [...DAYS.slice(0, 5)], from: '09:00', to: '18:00' };
  return { key: nextKey(), base, op, ...empty, ...more };
}

export const newGroup = (): GroupDraft => ({ key: nextKey(), join: 'any', leaves: [newLeaf()] });

/** A fresh action of a kind. */
export function newAction(type: ActionType): ActionDraft {
  const empty = { suggests: [], text: '', fields: [], scenario: '', tag: '', field: '', value: '', name: '' };
  return { key: nextKey(), type, author: 'operator', ...empty };
}

/** The conditions that a start most often wants. */
const OF_START: Partial<Record<Start, () => LeafDraft>> = {
  time: () => newLeaf('seconds_on_page', { text: '30' }),
  scroll: () => newLeaf('scroll_percent', { text: '50' }),
  idle: () => newLeaf('idle_seconds', { text: '60' }),
  exit: () => newLeaf('exit_intent'),
  event: () => newLeaf('event', { text: '1' }),
};

/** The condition that is offered with a start while there is none. */
export const leafOfStart = (start: Start): LeafDraft[] => [OF_START[start]?.()].flatMap((leaf) => leaf ?? []);

/** Whether the conditions are just what a start brought, or none: then nobody has written any. */
export function isOffered(members: MemberDraft[], start: Start): boolean {
  if (members.length === 0) return true;
  const [own, ...others] = members;
  const [offered] = leafOfStart(start);
  if (!own || !offered || others.length > 0 || isGroupDraft(own)) return false;
  return JSON.stringify({ ...own, key: 0 }) === JSON.stringify({ ...offered, key: 0 });
}

/** The form of an auto-action, of a template, or of a new one. */
export function draftOf(document: Document | null): RuleDraft {
  if (!document)
    return {
      title: '',
      enabled: true,
      starts: 'page',
      join: 'all',
      members: [],
      actions: [],
      limits: { ...ONCE_A_VISIT },
    };
  const { title, enabled, starts, conditions, actions, limits } = document;
  const { join, members } = joined<Member>(conditions);
  return {
    title,
    enabled,
    starts,
    join,
    members: members.map((member) => (isGroup(member) ? groupDraft(member) : leafDraft(member))),
    actions: actions.map(actionDraft),
    limits: { ...limits },
  };
}

function groupDraft(group: { all: Leaf[] } | { any: Leaf[] }): GroupDraft {
  const { join, members } = joined<Leaf>(group);
  return { key: nextKey(), join, leaves: members.map(leafDraft) };
}

function leafDraft({ fact, op, value }: Leaf): LeafDraft {
  const { base, name } = partsOf(fact);
  const leaf = newLeaf(base, { name, op });
  if (Array.isArray(value)) return { ...leaf, list: value };
  if (value !== undefined && value !== null && typeof value === 'object') return { ...leaf, ...value };
  return { ...leaf, text: String(value ?? '') };
}

function actionDraft(action: Action): ActionDraft {
  const fresh = newAction(action.type);
  switch (action.type) {
    case 'show_suggests':
      return { ...fresh, suggests: action.suggest_ids };
    case 'message':
      return { ...fresh, author: action.author, text: action.text };
    case 'show_form':
      return { ...fresh, fields: action.fields };
    case 'start_scenario':
      return { ...fresh, scenario: action.scenario_id };
    case 'set_tag':
      return { ...fresh, tag: action.tag };
    case 'set_field':
      return { ...fresh, field: action.key, value: action.value };
    case 'notify':
      return { ...fresh, text: action.text };
    case 'js_event':
      return { ...fresh, name: action.name };
    case 'open_widget':
      return fresh;
  }
}

/** What is sent. What is not filled in is sent empty: the server says what is missing, and where. */
export function bodyOf(draft: RuleDraft): Document {
  const { title, enabled, starts, join, members, actions, limits } = draft;
  const sent: Member[] = members.map((one) =>
    isGroupDraft(one) ? (grouped(one.join, one.leaves.map(leafOf)) as Member) : leafOf(one),
  );
  return {
    title: title.trim(),
    enabled,
    starts,
    conditions: grouped(join, sent) as Conditions,
    actions: actions.map(actionOf),
    limits: { ...limits },
  };
}

const grouped = <T>(join: Join, members: T[]) => (join === 'all' ? { all: members } : { any: members });

/** The name of the fact as the server has it. */
export const factOf = ({ base, name }: Pick<LeafDraft, 'base' | 'name'>) =>
  isNamed(base) ? `${base}.${name.trim()}` : base;

/** A condition as it is sent. */
export function leafOf(leaf: LeafDraft): Leaf {
  const value = valueOf(leaf);
  return { fact: factOf(leaf), op: leaf.op, ...(value === null ? {} : { value }) };
}

function valueOf({ base, op, text, list, days, from, to }: LeafDraft): LeafValue | null {
  switch (valueKind(base, op)) {
    case 'none':
      return null;
    case 'hours':
      return { days: DAYS.filter((day) => days.includes(day)), from, to } satisfies MenuHours;
    case 'list':
    case 'devices':
      return list;
    case 'number':
      return numberOf(text);
    default:
      return text;
  }
}

/** "12,5" is a number, too. What is none stays as it is, and the server refuses it in its place. */
function numberOf(text: string): number | string {
  const plain = text.trim().replace(',', '.');
  const number = Number(plain);
  return plain !== '' && Number.isFinite(number) ? number : text;
}

function actionOf(action: ActionDraft): Action {
  const { type } = action;
  switch (type) {
    case 'show_suggests':
      return { type, suggest_ids: action.suggests };
    case 'message':
      return { type, author: action.author, text: action.text.trim() };
    case 'show_form':
      return { type, fields: action.fields };
    case 'start_scenario':
      return { type, scenario_id: action.scenario };
    case 'set_tag':
      return { type, tag: action.tag.trim() };
    case 'set_field':
      return { type, key: action.field, value: action.value.trim() };
    case 'notify':
      return { type, text: action.text.trim() };
    case 'js_event':
      return { type, name: action.name.trim() };
    case 'open_widget':
      return { type };
  }
}
