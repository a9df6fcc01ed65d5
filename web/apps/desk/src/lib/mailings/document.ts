import type {
  Audience,
  InnerGroup,
  Item,
  Leaf,
  MailingDocument,
  MailingState,
  ScenarioBody,
  Schedule,
  TextBody,
} from './contract';

import { isWholeGoal } from './goals';

/** As the server lets a day end and begin. */
export const QUIET = { from: '21:00', to: '09:00' } as const;
/** Kinds of channels that a mailing may go by, the usual order first. */
export const MAILING_CHANNELS = ['telegram', 'email', 'youla', 'own', 'site'] as const;

export const STATES: readonly MailingState[] = [
  'draft',
  'scheduled',
  'preparing',
  'running',
  'paused',
  'stopping',
  'done',
  'stopped',
  'failed',
];
const GOES_ON: readonly MailingState[] = ['preparing', 'running', 'stopping'];
const LEAVES: readonly MailingState[] = ['draft', 'scheduled', 'done', 'stopped', 'failed'];

/** Numbers change while one looks. */
export const goesOn = (mailing: { state: MailingState }) => GOES_ON.includes(mailing.state);
/** What runs is stopped first. */
export const mayBeDeleted = (mailing: { state: MailingState }) => LEAVES.includes(mailing.state);

export const isScenario = (body: ScenarioBody | TextBody): body is ScenarioBody => 'scenario_id' in body;
export const isGroup = (item: Item): item is InnerGroup => 'all' in item || 'any' in item;
export const itemsOf = (audience: Audience): Item[] => ('all' in audience ? audience.all : audience.any);
export const leavesOf = (group: InnerGroup): Leaf[] => ('all' in group ? group.all : group.any);
/** Whether every condition is wanted, or any of them. */
export const joinOf = (node: Audience | InnerGroup): 'all' | 'any' => ('all' in node ? 'all' : 'any');
export const audienceOf = (join: 'all' | 'any', items: Item[]): Audience =>
  join === 'all' ? { all: items } : { any: items };
export const groupOf = (join: 'all' | 'any', leaves: Leaf[]): InnerGroup =>
  join === 'all' ? { all: leaves } : { any: leaves };

const NO_VALUE = ['is_filled', 'is_empty'];
const LISTS = ['in', 'not_in'];
export const wantsValue = (op: string) => !NO_VALUE.includes(op);
export const wantsList = (op: string) => LISTS.includes(op);

/** Whether a condition says enough to be asked. */
export function isWhole(leaf: Leaf): boolean {
  if ('field' in leaf) {
    const { field, op, value } = leaf;
    if (!field) return false;
    if (!wantsValue(op)) return true;
    return wantsList(op) ? Array.isArray(value) && value.length > 0 : Boolean(value);
  }
  if ('tag' in leaf) return leaf.tag.trim() !== '';
  if ('channel' in leaf) return leaf.channel !== '';
  if ('connection_id' in leaf) return leaf.connection_id !== '';
  if ('within_days' in leaf) return leaf.within_days >= 1;
  if ('mailing' in leaf) return leaf.mailing.id !== '';
  if ('segment_id' in leaf) return leaf.segment_id !== '';
  if ('contacts' in leaf) return leaf.contacts.length > 0;
  return true;
}

/** As the editor wants it: the server leaves out what a body has not. */
export function editable(document: MailingDocument): MailingDocument {
  const { scenario_id, text, ...body } = document.body as Partial<ScenarioBody & TextBody>;
  return structuredClone({
    ...document,
    body: scenario_id ? { ...body, scenario_id } : { ...body, text: text ?? '' },
  });
}

/** Conditions that are whole: those that are still being written do not choose anybody yet. */
export function wholeAudience(audience: Audience): Audience {
  const items = itemsOf(audience).flatMap<Item>((item) => {
    if (!isGroup(item)) return isWhole(item) ? [item] : [];
    const leaves = leavesOf(item).filter(isWhole);
    return leaves.length > 0 ? [groupOf(joinOf(item), leaves)] : [];
  });
  return audienceOf(joinOf(audience), items);
}

/** A draft without the conditions that are still being written. */
export function sendable(document: MailingDocument): MailingDocument {
  const sent: MailingDocument = {
    ...document,
    title: document.title.trim() || document.title,
    audience: wholeAudience(document.audience),
  };
  // Nothing is left out, except of quiet hours: there it would mean the usual ones.
  const optional = ['pace_per_minute', 'frequency', 'required', 'goal'] as const;
  for (const name of optional) if (sent[name] === null || sent[name] === undefined) delete sent[name];
  // A goal that is still being chosen is none; only texts have links.
  if (sent.goal && !isWholeGoal(sent.goal)) delete sent.goal;
  if (!sent.count_clicks || isScenario(sent.body)) delete sent.count_clicks;
  // Nobody is passed over somebody's own word without a reason.
  if (!sent.required?.reason.trim()) delete sent.required;
  return { ...sent, body: sendableBody(document.body), schedule: sendableSchedule(document.schedule) };
}

/** A scenario that is not chosen yet is no body at all. */
function sendableBody(body: MailingDocument['body']): MailingDocument['body'] {
  return isScenario(body) && !body.scenario_id ? { text: '' } : body;
}

function sendableSchedule({ at, last, zone, quiet }: Schedule): Schedule {
  return { zone, quiet: quiet ?? null, ...(at && { at }), ...(last && { last }) };
}

/** A new mailing of the same contents: it has no time of its own. */
export function copyOf(document: MailingDocument, title: string): MailingDocument {
  const { at: _, last: __, ...schedule } = document.schedule;
  return { ...document, title: title.slice(0, TITLE_MAX), schedule };
}

export const TITLE_MAX = 120;
/** Characters of a text at most, whatever its channel takes. */
export const TEXT_MAX = 4_000;
/** How many contacts a list may name. */
export const LIST_MAX = 10_000;
