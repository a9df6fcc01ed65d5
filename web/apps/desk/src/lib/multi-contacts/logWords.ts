import type { LogConfig, LogLine, Rule } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { fullTime } from '$lib/shared/format';

type FieldTitle = (key: string) => string;

export function logTitle(line: LogLine): string {
  const titles: Record<LogLine['kind'], () => string> = {
    rules: m.log_rules,
    settings: m.log_settings,
    value: m.log_value,
    override: m.log_override,
    undo: m.log_undo,
  };
  return titles[line.kind]();
}

/** What exactly changed, one phrase each. */
export function logChanges({ before, after }: LogLine, fieldTitle: FieldTitle): string[] {
  if (before.of === 'config' && after.of === 'config') {
    return [
      ...ruleChanges(before.rules, after.rules, fieldTitle),
      ...settingChanges(before.settings, after.settings),
      ...valueChanges(before.values, after.values, fieldTitle),
    ];
  }
  if (after.of === 'override' && after.decision) {
    const older = after.gave_way.map((one) =>
      m.log_gave_way({ what: decided(one), time: fullTime(one.created_at) }),
    );
    return [decided(after.decision), ...older];
  }
  const back = before.of === 'override' ? before.gave_way : [];
  return [
    m.log_override_gone(),
    ...back.map((one) => m.log_came_back({ what: decided(one), time: fullTime(one.created_at) })),
  ];
}

const decided = ({ kind }: { kind: 'link' | 'unlink' }) =>
  kind === 'link' ? m.log_linked() : m.log_unlinked();

function ruleChanges(before: Rule[], after: Rule[], fieldTitle: FieldTitle): string[] {
  const name = (rule: Rule) => m.quoted({ text: rule.fields.map(fieldTitle).join(` ${m.rule_and()} `) });
  const phrases = after.flatMap((rule) => {
    const was = before.find(({ id }) => id === rule.id);
    if (!was) return m.log_rule_added({ rule: name(rule) });
    if (was.enabled !== rule.enabled) {
      return rule.enabled ? m.log_rule_on({ rule: name(rule) }) : m.log_rule_off({ rule: name(rule) });
    }
    return isSame(was, rule) ? [] : m.log_rule_changed({ rule: name(rule) });
  });
  const gone = before.filter((rule) => !after.some(({ id }) => id === rule.id));
  phrases.push(...gone.map((rule) => m.log_rule_removed({ rule: name(rule) })));
  const order = (rules: Rule[], others: Rule[]) =>
    rules.filter(({ id }) => others.some((other) => other.id === id)).map(({ id }) => id);
  if (order(before, after).join() !== order(after, before).join()) phrases.push(m.log_rule_order());
  return phrases;
}

function isSame(a: Rule, b: Rule): boolean {
  return (
    a.fields.join() === b.fields.join() &&
    a.mode === b.mode &&
    a.verified_only === b.verified_only &&
    (a.hub_limit ?? null) === (b.hub_limit ?? null)
  );
}

function settingChanges(before: LogConfig['settings'], after: LogConfig['settings']): string[] {
  const phrases: string[] = [];
  const limit = (value: number | null | undefined) => value ?? m.no_limit();
  if ((before.hub_limit ?? null) !== (after.hub_limit ?? null)) {
    phrases.push(m.log_limit_hub({ before: limit(before.hub_limit), after: limit(after.hub_limit) }));
  }
  if ((before.max_group ?? null) !== (after.max_group ?? null)) {
    phrases.push(m.log_limit_group({ before: limit(before.max_group), after: limit(after.max_group) }));
  }
  if (before.default_region !== after.default_region) {
    phrases.push(m.log_region({ before: before.default_region, after: after.default_region }));
  }
  if (before.placeholders.join('\n') !== after.placeholders.join('\n')) phrases.push(m.log_placeholders());
  return phrases;
}

function valueChanges(
  before: LogConfig['values'],
  after: LogConfig['values'],
  fieldTitle: FieldTitle,
): string[] {
  const key = (item: LogConfig['values'][number]) => `${item.field} ${item.value} ${item.state}`;
  const name = (item: LogConfig['values'][number]) => `${item.value} (${fieldTitle(item.field)})`;
  const had = new Set(before.map(key));
  const has = new Set(after.map(key));
  const fresh = after.filter((item) => !had.has(key(item)));
  const gone = before.filter(
    (item) =>
      !has.has(key(item)) && !fresh.some(({ field, value }) => field === item.field && value === item.value),
  );
  return [
    ...fresh.map((item) =>
      item.state === 'blocked'
        ? m.log_value_blocked({ value: name(item) })
        : m.log_value_allowed({ value: name(item) }),
    ),
    ...gone.map((item) => m.log_value_forgotten({ value: name(item) })),
  ];
}
