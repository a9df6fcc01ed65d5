import type { Contact, ValueProblem, WhyReason } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

export interface Words {
  name: (contactId: string) => string;
  fieldTitle: (key: string) => string;
  ruleNumber: (id: string | null) => number | null;
}

const problems: Record<ValueProblem, (words: { name: string; fields: string }) => string> = {
  empty: m.why_empty,
  placeholder: m.why_placeholder,
  invalid: m.why_invalid,
  garbage: m.why_garbage,
  blocked: m.why_blocked,
  unverified: m.why_unverified,
};

/** The channel's own name of somebody tells the records of one person apart; the person's name does not. */
export function recordName(contact: Contact | undefined): string {
  if (!contact) return m.visitor();
  return contact.handle || contact.name || m.visitor();
}

export function ruleName(id: string, words: Words): string {
  const n = words.ruleNumber(id);
  return n === null ? m.why_rule_gone() : m.why_rule({ n });
}

/** Reasons in words, under the rule (or the decision) they belong to, in the order of the answer. */
export function explain(reasons: WhyReason[], words: Words): { title: string; lines: string[] }[] {
  const groups = new Map<string, WhyReason[]>();
  for (const reason of reasons) {
    const key = reason.reason === 'override' ? '' : reason.rule;
    groups.set(key, [...(groups.get(key) ?? []), reason]);
  }
  return [...groups].map(([rule, list]) => ({
    title: rule === '' ? m.why_by_hand() : ruleName(rule, words),
    lines: [...valueLines(list, words), ...list.flatMap((reason) => sentence(reason, words) ?? [])],
  }));
}

/** One line for each contact and kind of trouble, however many fields have it. */
function valueLines(reasons: WhyReason[], words: Words): string[] {
  const lines = new Map<string, { contact: string; problem: ValueProblem; fields: string[] }>();
  for (const reason of reasons) {
    if (reason.reason !== 'value') continue;
    const { contact, problem, field } = reason;
    const line = lines.get(contact + problem) ?? { contact, problem, fields: [] };
    line.fields.push(field);
    lines.set(contact + problem, line);
  }
  return [...lines.values()].map(({ contact, problem, fields }) =>
    problems[problem]({ name: words.name(contact), fields: titles(fields, words) }),
  );
}

function sentence(reason: WhyReason, words: Words): string | null {
  switch (reason.reason) {
    case 'value':
      return null;
    case 'needs_more':
      return m.why_needs_more({ same: titles(reason.same, words), missing: titles(reason.missing, words) });
    case 'differs':
      return m.why_differs({ field: words.fieldTitle(reason.field) });
    case 'hub':
      return m.why_hub({ value: reason.values.join(' · '), count: reason.contacts, limit: reason.limit });
    case 'size':
      return m.why_size({ value: reason.values.join(' · '), limit: reason.limit });
    case 'override':
      return m.why_override({ name: words.name(reason.contact) });
    case 'rule_off':
      return m.why_rule_off();
  }
}

const titles = (keys: string[], words: Words) =>
  keys.map((key) => m.quoted({ text: words.fieldTitle(key) })).join(', ');
