import { addressOf, decoded, readingsOf, slashes } from './address';
import { within } from './clock';
import type { Leaf, Node, Rule, RuleSet } from './rules';
import { share } from './share';
import { fold, like, spaces } from './text';

/**
 * What is known: texts as the page gives them, numbers, yes or no; fields and tags as the server sends them, ready to be
 * compared. What is missing is unknown.
 */
export type Facts = Record<string, string | number | boolean | string[] | null | undefined>;

/** What rules are asked about. One of these serves all rules of a moment: what was read once is kept. */
export interface Asked {
  set: RuleSet;
  facts: Facts;
  /** Milliseconds of the epoch. */
  now: number;
  /** The visitor, on whom a share hangs. */
  visitor?: string;
  /** Texts that were read already, by fact and form. */
  read?: Map<string, string[]>;
}

/** Whether a rule's conditions hold. */
export const holds = (rule: Rule, asked: Asked): boolean => nodeHolds(rule.when, rule, asked);

/** What each leaf answers, in the order of the document. */
export function answers(rule: Rule, asked: Asked, node: Node = rule.when): boolean[] {
  if (Array.isArray(node)) return [leafHolds(node, rule, asked)];
  return ('all' in node ? node.all : node.any).flatMap((member) => answers(rule, asked, member));
}

function nodeHolds(node: Node, rule: Rule, asked: Asked): boolean {
  if (Array.isArray(node)) return leafHolds(node, rule, asked);
  if ('all' in node) return node.all.every((member) => nodeHolds(member, rule, asked));
  return node.any.some((member) => nodeHolds(member, rule, asked));
}

function leafHolds([fact, op, value, form]: Leaf, rule: Rule, asked: Asked): boolean {
  return op[0] === '!'
    ? !passes(fact, op.slice(1), value, form, rule, asked)
    : passes(fact, op, value, form, rule, asked);
}

/** Whether one value of the fact passes. An unknown fact has none, so that nothing passes. */
function passes(fact: string, op: string, value: unknown, form = 0, rule: Rule, asked: Asked): boolean {
  if (op === 'or') {
    return (value as [string, unknown, number?][]).some(([op, value, form]) =>
      passes(fact, op, value, form, rule, asked),
    );
  }
  if (op === 'in') return within(asked.set, asked.now, value as [number, number, number]);
  if (op === 'flag') return asked.facts[fact] === value;
  const test = TESTS[op];
  if (test) return texts(fact, form, asked).some((text) => test(text, value as string[]));
  const compare = COMPARISONS[op];
  return !!compare && numbers(fact, rule, asked).some((number) => compare(number, value as number));
}

const TESTS: Record<string, (text: string, values: string[]) => boolean> = {
  eq: (text, values) => values.includes(text),
  has: (text, values) => values.some((value) => text.includes(value)),
  starts: (text, values) => values.some((value) => text.startsWith(value)),
  ends: (text, values) => values.some((value) => text.endsWith(value)),
  like,
  filled: () => true,
  // `ru` holds for `ru-ru`, `ru-ru` not for `ru`.
  lang: (text, values) => values.some((value) => (text + '-').startsWith(value + '-')),
};

const COMPARISONS: Record<string, (number: number, value: number) => boolean> = {
  num: (number, value) => number === value,
  ge: (number, value) => number >= value,
  le: (number, value) => number <= value,
  lt: (number, value) => number < value,
};

/** What is compared of a text, field, word or tag; nothing where it is unknown or blank. */
function texts(fact: string, form: number, asked: Asked): string[] {
  const read = (asked.read ??= new Map());
  const key = fact + '\n' + form;
  let known = read.get(key);
  if (!known) read.set(key, (known = readTexts(fact, asked.facts[fact], form)));
  return known;
}

function readTexts(fact: string, held: Facts[string], form: number): string[] {
  if (Array.isArray(held)) return held;
  if (typeof held !== 'string' || !spaces(held)) return [];
  if (fact === 'page_url' || fact === 'referrer') return readingsOf(addressOf(held), form);
  if (fact === 'page_path') return slashes(decoded(spaces(held))).map(fold);
  return [fold(held)];
}

/** Numbers of a fact: none where it is unknown. What is counted and did not happen is nothing. */
function numbers(fact: string, rule: Rule, { facts, visitor }: Asked): number[] {
  const held = facts[fact];
  if (typeof held === 'number') return [held];
  if (Array.isArray(held)) return held.filter((text) => /^-?\d+(\.\d+)?$/.test(text)).map(Number);
  if (fact === 'share') return visitor ? [share(visitor, rule.id)] : [];
  return /^(event\..*|visits|pages_viewed)$/s.test(fact) ? [0] : [];
}
