import {
  type Block,
  type BlockType,
  type Exit,
  type ExitKind,
  type Expect,
  type FieldOp,
  type Group,
  isFieldRule,
  isWaiting,
  kindOf,
  type Kind,
  type LaunchKind,
  needsValue,
  readDuration,
  type Rule,
  type Test,
  type Unit,
} from '@otklik/flow';
import { m } from '$lib/paraglide/messages';
import { getLocale } from '$lib/paraglide/runtime';
import { channelName } from '$lib/shared/words';

type Say = () => string;

const kindNames: Record<Kind, Say> = {
  message: m.scn_kind_message,
  buttons: m.scn_kind_buttons,
  rating: m.scn_kind_rating,
  check_field: m.scn_kind_check_field,
  condition: m.scn_kind_condition,
  delay: m.scn_kind_delay,
  split: m.scn_kind_split,
  jump: m.scn_kind_jump,
  call: m.scn_kind_call,
  set: m.scn_kind_set,
  tag: m.scn_kind_tag,
  subscribe: m.scn_kind_subscribe,
  note: m.scn_kind_note,
  http: m.scn_kind_http,
  external: m.scn_kind_external,
  transfer: m.scn_kind_transfer,
  assign: m.scn_kind_assign,
  notify: m.scn_kind_notify,
  close: m.scn_kind_close,
  end: m.scn_kind_end,
};
export const kindName = (kind: Kind) => kindNames[kind]();

const groupNames: Record<Group, Say> = {
  talk: m.scn_group_talk,
  logic: m.scn_group_logic,
  data: m.scn_group_data,
  people: m.scn_group_people,
  end: m.scn_group_end,
};
export const groupName = (group: Group) => groupNames[group]();

/** What a person calls a block: its own title, or what it is. */
export const titleOf = (block: Block): string => block.title || kindName(kindOf(block));

const expectNames: Record<Expect, Say> = {
  any: m.scn_expect_any,
  text: m.scn_expect_text,
  phone: m.scn_expect_phone,
  email: m.scn_expect_email,
  number: m.scn_expect_number,
  date: m.scn_expect_date,
  file: m.scn_expect_file,
  choice: m.scn_expect_choice,
  pattern: m.scn_expect_pattern,
};
export const expects = Object.keys(expectNames) as Expect[];
export const expectName = (expect: Expect) => expectNames[expect]();

const launchNames: Record<LaunchKind, Say> = {
  menu_button: m.scn_launch_menu_button,
  suggest: m.scn_launch_suggest,
  auto_action: m.scn_launch_auto_action,
  mailing: m.scn_launch_mailing,
  keyword: m.scn_launch_keyword,
  first_message: m.scn_launch_first_message,
  field_changed: m.scn_launch_field_changed,
  api: m.scn_launch_api,
  test: m.scn_launch_test,
};
export const launchKinds = Object.keys(launchNames) as LaunchKind[];
export const launchName = (kind: LaunchKind) => launchNames[kind]?.() ?? kind;

const opNames: Record<FieldOp, Say> = {
  filled: m.scn_op_filled,
  empty: m.scn_op_empty,
  eq: m.scn_op_eq,
  contains: m.scn_op_contains,
  gt: m.scn_op_gt,
  lt: m.scn_op_lt,
  pattern: m.scn_op_pattern,
};
export const opName = (op: FieldOp) => opNames[op]();

const testNames: Record<Test, Say> = {
  tag: m.scn_test_tag,
  channel: m.scn_test_channel,
  hours: m.scn_test_hours,
  operators: m.scn_test_operators,
  new_client: m.scn_test_new_client,
};
export const tests = Object.keys(testNames) as Test[];
export const testName = (test: Test) => testNames[test]();

const unitNames: Record<Unit, (words: { count: number }) => string> = {
  S: m.scn_seconds,
  M: m.scn_minutes,
  H: m.scn_hours,
  D: m.scn_days,
};
/** `PT10M` is ten minutes. */
export function durationText(text: string | undefined): string {
  const duration = readDuration(text);
  return duration ? unitNames[duration.unit]({ count: duration.count }) : (text ?? '');
}

const exitNames: Record<ExitKind, (exit: Exit) => string> = {
  next: () => m.scn_exit_next(),
  correct: () => m.scn_exit_correct(),
  incorrect: () => m.scn_exit_incorrect(),
  timeout: ({ after }) =>
    after ? m.scn_exit_timeout({ time: durationText(after) }) : m.scn_exit_no_answer(),
  undelivered: () => m.scn_exit_undelivered(),
  button: ({ label, number }) => label || m.scn_button_number({ number: number ?? 0 }),
  branch: ({ label, number }) => label || m.scn_exit_branch({ number: number ?? 0 }),
  filled: () => m.scn_exit_filled(),
  not_filled: () => m.scn_exit_not_filled(),
  else: () => m.scn_exit_else(),
  replied: () => m.scn_exit_replied(),
  success: () => m.scn_exit_success(),
  error: () => m.scn_exit_error(),
  code: ({ id, label }) => label || id,
  no_operator: () => m.scn_exit_no_operator(),
  variant: ({ label, number, after }) =>
    label || m.scn_exit_variant({ number: number ?? 0, percent: after ?? '' }),
  returned: () => m.scn_exit_returned(),
  launch: ({ label }) => label ?? m.scn_exit_next(),
};
export const exitName = (exit: Exit): string => exitNames[exit.kind](exit);

/** An exit that its block does not have as it is shown: a name of the engine's in words, any other as it stands. */
export const lostExitName = (id: string): string =>
  Object.hasOwn(exitNames, id) ? exitName({ id, kind: id as ExitKind }) : m.rep_lost_exit({ id });

/** Names that a preview needs and a document does not have. */
export interface Names {
  field: (key: string) => string;
  user: (id: string) => string;
  scenario: (id: string) => string;
  block: (id: string) => string;
}

export function ruleText(rule: Rule, names: Pick<Names, 'field'>): string {
  if (!isFieldRule(rule)) {
    if (rule.test === 'hours') return m.scn_hours_text({ from: rule.value.from, to: rule.value.to });
    if (rule.value === 'false') return m.scn_not({ what: testName(rule.test).toLocaleLowerCase() });
    const value = rule.test === 'channel' ? channelName(rule.value ?? '') : (rule.value ?? '');
    return needsValue(rule) ? `${testName(rule.test)}: ${value || '…'}` : testName(rule.test);
  }
  const field = rule.field ? fieldName(rule.field, names) : m.scn_no_field();
  return needsValue(rule)
    ? `${field} ${opName(rule.op)} ${rule.value || '…'}`
    : `${field} ${opName(rule.op)}`;
}

/** What launches a scenario, in one breath. */
export function launchesText(kinds: readonly LaunchKind[]): string {
  const names = [...new Set(kinds)].map(launchName);
  const said = names.map((name, index) => (index > 0 && name !== 'API' ? lowered(name) : name));
  return new Intl.ListFormat(getLocale(), { type: 'conjunction' }).format(said);
}
const lowered = (text: string) => text.charAt(0).toLocaleLowerCase() + text.slice(1);

/** `var.x` lives as long as the run does. */
export const fieldName = (key: string, names: Pick<Names, 'field'>): string =>
  key.startsWith('var.') ? key.slice(4) : names.field(key);

const quoted = (text: string | undefined) => (text?.trim() ? m.scn_quoted({ text: text.trim() }) : '');
const listed = (items: readonly string[] | undefined) =>
  (items ?? []).map((item) => m.scn_quoted({ text: item })).join(', ');

type Preview<Type extends BlockType> = (block: Block<Type>, names: Names) => string;
const previews: { [Type in BlockType]: Preview<Type> } = {
  message: ({ settings }) => quoted(settings.text),
  condition: ({ settings: { branches } }, names) => {
    const rules = branches?.flatMap(({ all, any }) => all ?? any ?? []) ?? [];
    const [first, ...more] = rules;
    if (!first) return '';
    return more.length > 0
      ? m.scn_preview_rules({ first: ruleText(first, names), count: more.length })
      : ruleText(first, names);
  },
  delay: ({ settings }, names) => {
    if (typeof settings.until === 'string') return m.scn_preview_until({ time: settings.until });
    if (settings.until) return m.scn_preview_until_field({ field: fieldName(settings.until.field, names) });
    return durationText(settings.for);
  },
  set: ({ settings: { field, value, op } }, names) => {
    const name = field ? fieldName(field, names) : m.scn_no_field();
    if (value === null) return m.scn_preview_clear({ field: name });
    return `${name} ${op === 'add' ? '+' : op === 'append' ? '+=' : '='} ${value || '…'}`;
  },
  tag: ({ settings: { add, remove } }) =>
    [
      add?.length ? m.scn_preview_add_tags({ tags: listed(add) }) : '',
      remove?.length ? m.scn_preview_remove_tags({ tags: listed(remove) }) : '',
    ]
      .filter(Boolean)
      .join(', '),
  subscribe: ({ settings }) => (settings.mailings ? m.scn_subscribe_on() : m.scn_subscribe_off()),
  note: ({ settings }) => quoted(settings.text),
  notify: ({ settings }) => quoted(settings.text),
  assign: ({ settings }, names) => names.user(settings.to) || settings.to,
  http: ({ settings }) => (settings.url ? `${settings.method} ${hostOf(settings.url)}` : settings.method),
  external: ({ settings }) => hostOf(settings.url),
  transfer: ({ settings }, names) => (settings.to ? names.user(settings.to) || settings.to : m.scn_queue()),
  split: ({ settings }) => (settings.variants ?? []).map(({ percent }) => percent).join(' / '),
  jump: ({ settings }, names) => (settings.target ? names.block(settings.target) : ''),
  call: ({ settings }, names) => (settings.scenario ? names.scenario(settings.scenario) : ''),
  close: ({ settings }) => settings.reason ?? '',
  end: ({ settings }) => settings.reason ?? '',
};

const hostOf = (url: string | undefined) => (url ?? '').replace(/^https?:\/\//, '').replace(/[?#].*$/, '');

/** The lines under the title of a card. */
export function previewOf(block: Block, names: Names): string {
  if (kindOf(block) === 'check_field') {
    const rule = (block as Block<'condition'>).settings.branches[0]?.all?.[0];
    return rule && isFieldRule(rule) && rule.field ? fieldName(rule.field, names) : '';
  }
  const preview = previews[block.type] as Preview<BlockType>;
  return preview(block, names);
}

/** What a question waits for, in a few words. */
export function waitText(block: Block): string {
  if (!isWaiting(block)) return '';
  return m.scn_waits_for({ what: expectName(block.settings.wait?.expect ?? 'choice').toLocaleLowerCase() });
}

/** Text with its places for fields apart: `{{phone}}` is shown as the field is called. */
export function pieces(text: string, names: Pick<Names, 'field'>): { text: string; isField: boolean }[] {
  return text
    .split(/(\{\{[^{}]+\}\})/)
    .filter(Boolean)
    .map((piece) => {
      const key = /^\{\{\s*([^{}|]+?)\s*(\|[^{}]*)?\}\}$/.exec(piece)?.[1];
      return key ? { text: `{{${fieldName(key, names)}}}`, isField: true } : { text: piece, isField: false };
    });
}
