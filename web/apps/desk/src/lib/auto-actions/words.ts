import type { MenuHours } from '@otklik/chat/menu';
import { deviceNames } from '$lib/menu-buttons/words';
import { hoursText } from '$lib/shared/hours';
import { m } from '$lib/paraglide/messages';
import {
  isGroup,
  joined,
  type Action,
  type ActionType,
  type Conditions,
  type Leaf,
  type Member,
} from './document';
import type { Limits, Start, Stop } from './document';
import { kindOfFact, partsOf, valueKind, type FactBase, type FactGroup, type Op } from './facts';
import type { LeafDraft } from './draft';

/** What the project calls the things that a document names. */
export interface Names {
  field: (key: string) => string;
  suggest: (id: string) => string;
  scenario: (id: string) => string;
}

export const startNames: Record<Start, () => string> = {
  page: m.aa_start_page,
  time: m.aa_start_time,
  scroll: m.aa_start_scroll,
  exit: m.aa_start_exit,
  idle: m.aa_start_idle,
  event: m.aa_start_event,
};

export const factGroupNames: Record<FactGroup, () => string> = {
  page: m.aa_group_page,
  source: m.aa_group_source,
  behaviour: m.aa_group_behaviour,
  visitor: m.aa_group_visitor,
  team: m.aa_group_team,
};

const utm = (name: string) => () => m.aa_fact_utm({ name });

export const factNames: Record<FactBase, () => string> = {
  page_url: m.aa_fact_page_url,
  page_path: m.aa_fact_page_path,
  page_title: m.aa_fact_page_title,
  query: m.aa_fact_query,
  event: m.aa_fact_event,
  referrer: m.aa_fact_referrer,
  utm_source: utm('utm_source'),
  utm_medium: utm('utm_medium'),
  utm_campaign: utm('utm_campaign'),
  utm_term: utm('utm_term'),
  utm_content: utm('utm_content'),
  seconds_on_page: m.aa_fact_seconds_on_page,
  seconds_on_site: m.aa_fact_seconds_on_site,
  pages_viewed: m.aa_fact_pages_viewed,
  visits: m.aa_fact_visits,
  returning: m.aa_fact_returning,
  scroll_percent: m.aa_fact_scroll_percent,
  idle_seconds: m.aa_fact_idle_seconds,
  exit_intent: m.aa_fact_exit_intent,
  device: m.aa_fact_device,
  language: m.aa_fact_language,
  country: m.aa_fact_country,
  field: m.aa_fact_field,
  tag: m.aa_fact_tag,
  share: m.aa_fact_share,
  time: m.aa_fact_time,
  operators_online: m.aa_fact_operators_online,
};

export const opNames: Record<Op, () => string> = {
  is: m.aa_op_is,
  is_not: m.aa_op_is_not,
  in: m.aa_op_in,
  not_in: m.aa_op_not_in,
  contains: m.aa_op_contains,
  not_contains: m.aa_op_not_contains,
  starts_with: m.aa_op_starts_with,
  ends_with: m.aa_op_ends_with,
  matches: m.aa_op_matches,
  at_least: m.aa_op_at_least,
  at_most: m.aa_op_at_most,
  is_empty: m.aa_op_is_empty,
  is_filled: m.aa_op_is_filled,
  has: m.aa_op_has,
  has_not: m.aa_op_has_not,
  is_true: m.aa_op_is_true,
  is_false: m.aa_op_is_false,
  within: m.aa_op_within,
  not_within: m.aa_op_not_within,
  below: m.aa_op_below,
};

export const actionNames: Record<ActionType, () => string> = {
  show_suggests: m.aa_act_show_suggests,
  message: m.aa_act_message,
  open_widget: m.aa_act_open_widget,
  show_form: m.aa_act_show_form,
  start_scenario: m.aa_act_start_scenario,
  set_tag: m.aa_act_set_tag,
  set_field: m.aa_act_set_field,
  notify: m.aa_act_notify,
  js_event: m.aa_act_js_event,
};

export const perNames: Record<Limits['per'], () => string> = {
  visit: m.aa_per_visit,
  day: m.aa_per_day,
  ever: m.aa_per_ever,
  none: m.aa_per_none,
};

export const stopNames: Record<Stop, () => string> = {
  disabled: m.aa_stop_disabled,
  broken: m.aa_stop_broken,
  conditions: m.aa_stop_conditions,
  limit: m.aa_stop_limit,
  pause: m.aa_stop_pause,
  open_dialog: m.aa_stop_open_dialog,
  priority: m.aa_stop_priority,
};

/** "Параметр адреса promo", "Поле «Телефон»". */
export function factText(fact: string, names: Names): string {
  const { base, name } = partsOf(fact);
  if (base === 'field') return m.aa_of_field({ field: names.field(name) });
  const say = factNames[base]?.() ?? fact;
  return name ? `${say} ${name}` : say;
}

/** A value as a sentence shows it. */
export function valueText(fact: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => valueText(fact, one)).join(', ');
  if (value === true || value === 'true') return m.aa_op_is_true();
  if (value === false || value === 'false') return m.aa_op_is_false();
  if (fact === 'device' && typeof value === 'string')
    return deviceNames[value as keyof typeof deviceNames]?.().toLowerCase() ?? value;
  if (typeof value === 'object' && value !== null) return hoursText(value as MenuHours);
  return String(value ?? '');
}

/** A condition in words. */
export function leafText({ fact, op, value }: Leaf, names: Names): string {
  const { base } = partsOf(fact);
  const about = factText(fact, names);
  const kind = valueKind(base, op);
  if (op === 'is_true' || op === 'is_false') return `${about}: ${opNames[op]()}`;
  if (kind === 'none') return `${about} ${opNames[op]()}`;
  if (op === 'within') return valueText(fact, value);
  if (op === 'not_within') return m.aa_not_hours({ hours: valueText(fact, value) });
  return `${about} ${opNames[op]()} ${valueText(fact, value)}`;
}

/** All conditions in one line. */
export function conditionsText(conditions: Conditions, names: Names): string {
  const { join, members } = joined<Member>(conditions);
  if (members.length === 0) return join === 'all' ? m.aa_always() : m.aa_never();
  return members.map((member) => memberText(member, names)).join(glue(join));
}

function memberText(member: Member, names: Names): string {
  if (!isGroup(member)) return leafText(member, names);
  const { join, members } = joined<Leaf>(member);
  return `(${members.map((leaf) => leafText(leaf, names)).join(glue(join))})`;
}

const glue = (join: 'all' | 'any') => ` ${join === 'all' ? m.aa_and() : m.aa_or()} `;

/** What an action is about: the words of a message, the suggests that it shows. */
export function actionDetail(action: Action, names: Names): string {
  switch (action.type) {
    case 'show_suggests':
      return action.suggest_ids.map((id) => `«${names.suggest(id)}»`).join(', ');
    case 'message':
      return `${action.author === 'bot' ? m.aa_from_bot() : m.aa_from_operator()}: «${action.text}»`;
    case 'show_form':
      return action.fields.map(names.field).join(', ');
    case 'start_scenario':
      return `«${names.scenario(action.scenario_id)}»`;
    case 'set_tag':
      return `«${action.tag}»`;
    case 'set_field':
      return `${names.field(action.key)}: ${action.value}`;
    case 'notify':
      return `«${action.text}»`;
    case 'js_event':
      return action.name;
    case 'open_widget':
      return '';
  }
}

/** Why something in the list holds for nobody. */
export function goneText({ code, message }: { code: string; message: string }): string {
  if (code === 'unknown_suggest') return m.aa_problem_suggest();
  if (code === 'unknown_field') return m.aa_problem_field();
  if (code === 'unknown_scenario') return m.aa_problem_scenario();
  if (code === 'unknown_tag') return m.aa_problem_tag();
  return code === 'wrong_operator' || code === 'wrong_value' ? m.aa_problem_value() : message;
}

/** What a condition wants where its value was refused. */
export function neededText({ base, op, text }: LeafDraft): string {
  const fact = kindOfFact(base);
  if (fact === 'share') return m.aa_need_share();
  switch (valueKind(base, op)) {
    case 'number':
      return m.aa_need_number();
    case 'hours':
      return m.aa_need_hours();
    case 'list':
    case 'devices':
      return fact === 'language' || fact === 'country' ? ofWord(fact) : m.aa_need_list();
    default:
      if (text.trim() === '') return m.aa_need_text();
      return fact === 'language' || fact === 'country' ? ofWord(fact) : m.problem_wrong_value();
  }
}

const ofWord = (fact: 'language' | 'country') =>
  fact === 'language' ? m.aa_need_language() : m.aa_need_country();
