/** Conditions of Typebot. Ours have no "not": what must not hold is asked first and led past. */

import type { Branch, Rule } from '../document';
import { recordIn, recordsIn, textIn, type Loose } from './loose';
import { part, type Aim, type Part, type Piece } from './part';
import { endsWith, found, startsWith } from './patterns';
import { inert } from './placeholder';
import type { Scope } from './scope';

/** One comparison: rules that must hold, rules that must not, or two of which one must hold. */
type Compared = { yes: Rule } | { no: Rule } | { either: [Rule, Rule]; no: Rule; filled: Rule };

/** An item with what it asks for, sorted. */
interface Question {
  isAll: boolean;
  yes: Rule[];
  no: Rule[];
  to: Aim;
}

export function condition(scope: Scope): Piece {
  const questions = scope.block.items.flatMap((item) => {
    const read = questionOf(scope, recordIn(item.raw.content));
    if (!read) scope.warn('condition_incomplete');
    return read ? [{ ...read, to: scope.lead(item.edge, item.id) ?? ('on' as const) }] : [];
  });
  if (questions.length === 0) {
    if (scope.block.items.length === 0) scope.warn('condition_incomplete');
    return inert(scope);
  }
  return partsOf(questions);
}

/** Items in a row share a block until one has a rule that must not hold. */
function partsOf(questions: Question[]): Piece {
  const parts: Part[] = [];
  let row: Question[] = [];
  const close = () => {
    if (row.length > 0) parts.push(plain(row));
    row = [];
  };
  for (const question of questions) {
    if (question.no.length === 0) row.push(question);
    else {
      close();
      parts.push(negated(question));
    }
  }
  close();
  return parts.map((one, index) => pointing(one, index === parts.length - 1 ? 'on' : index + 1));
}

/** Where an item that fails goes: to the part behind, and on from the last. */
const NEXT = -1;
const pointing = (one: Part, next: Aim): Part => ({
  ...one,
  ways: Object.fromEntries(Object.entries(one.ways).map(([exit, to]) => [exit, to === NEXT ? next : to])),
});

function plain(row: Question[]): Part {
  const branches = row.map(({ isAll, yes }, index): Branch => ({
    id: `c${index + 1}`,
    ...(isAll ? { all: yes } : { any: yes }),
  }));
  const ways = Object.fromEntries(row.map(({ to }, index) => [`c${index + 1}`, to]));
  return part('condition', { branches }, { ...ways, else: NEXT });
}

/**
 * All with a "not": where one of those holds the item fails, else the others decide. Any with a "not": where
 * all of those hold, only the others can still decide.
 */
function negated({ isAll, yes, no, to }: Question): Part {
  const skip: Branch = isAll ? { id: 'not', any: no } : { id: 'not', all: no };
  if (yes.length === 0) return part('condition', { branches: [skip] }, { not: NEXT, else: to });
  const decide: Branch = isAll ? { id: 'c1', all: yes } : { id: 'c1', any: yes };
  return isAll
    ? part('condition', { branches: [skip, decide] }, { not: NEXT, c1: to, else: NEXT })
    : part('condition', { branches: [decide, skip] }, { c1: to, not: NEXT, else: to });
}

/** Null for an item that never holds. */
function questionOf(scope: Scope, content: Loose): Omit<Question, 'to'> | null {
  const isAll = textIn(content.logicalOperator) !== 'OR';
  const comparisons = recordsIn(content.comparisons);
  const compared = comparisons.map((one) => compare(scope, one));
  const known = compared.filter((one) => one !== null);
  const isNever = known.length === 0 || (isAll && known.length < compared.length);
  if (isNever) return null;
  if (known.length < compared.length) scope.warn('condition_incomplete');
  const [only] = known;
  if (known.length === 1 && only && 'either' in only) return { isAll: false, yes: only.either, no: [] };
  return {
    isAll,
    yes: known.flatMap((one) => {
      if ('either' in one) return isAll ? [one.filled] : one.either;
      return 'yes' in one ? [one.yes] : [];
    }),
    no: known.flatMap((one) => ('no' in one && (isAll || !('either' in one)) ? [one.no] : [])),
  };
}

/** Null for one that is not finished. */
function compare(scope: Scope, comparison: Loose): Compared | null {
  const field = scope.key(comparison.variableId);
  if (!field) return null;
  const raw = textIn(comparison.value);
  const isNothing = raw === '' || raw === 'null' || raw === 'undefined';
  const value = scope.text(raw);
  const filled: Rule = { field, op: 'filled' };
  const empty: Rule = { field, op: 'empty' };
  const rule = (op: 'eq' | 'contains' | 'gt' | 'lt'): Rule => ({ field, op, value });
  switch (textIn(comparison.comparisonOperator)) {
    case 'Is set':
      return { yes: filled };
    case 'Is empty':
      return { yes: empty };
    case 'Equal to':
      return { yes: isNothing ? empty : rule('eq') };
    case 'Not equal':
      return isNothing ? { yes: filled } : { no: rule('eq') };
    case 'Contains':
      return isNothing ? null : { yes: rule('contains') };
    case 'Does not contain':
      return isNothing ? null : { no: rule('contains') };
    case 'Greater than':
      return { yes: rule('gt') };
    case 'Less than':
      return { yes: rule('lt') };
    case 'Greater or equal to':
      return { either: [rule('gt'), rule('eq')], no: rule('lt'), filled };
    case 'Less or equal to':
      return { either: [rule('lt'), rule('eq')], no: rule('gt'), filled };
    case 'Starts with':
      return isNothing ? null : { yes: edged(scope, field, raw, startsWith) };
    case 'Ends with':
      return isNothing ? null : { yes: edged(scope, field, raw, endsWith) };
    case 'Matches regex':
      return isNothing ? null : { yes: patterned(scope, field, raw) };
    case 'Does not match regex':
      return isNothing ? null : { no: patterned(scope, field, raw) };
    default:
      return null;
  }
}

function edged(scope: Scope, field: string, raw: string, pattern: (text: string) => string): Rule {
  if (!raw.includes('{{')) return { field, op: 'pattern', value: pattern(raw) };
  // Values are not put into patterns.
  scope.warn('pattern_with_variable', raw);
  return { field, op: 'contains', value: scope.text(raw) };
}

function patterned(scope: Scope, field: string, raw: string): Rule {
  const pattern = raw.includes('{{') ? null : found(raw);
  if (pattern !== null) return { field, op: 'pattern', value: pattern };
  scope.warn('pattern_unsupported', raw);
  return { field, op: 'eq', value: raw.replace(/\{\{|\}\}/g, '') };
}
