import { clockOf, isWithin, type Span } from './clock';
import { numbersOf, textsOf, type Asked } from './facts';
import type { Leaf, Node, Question, Rule, RuleSet } from './rules';
import { like } from './text';

/** Makes rules ready to be asked, once, so that no moment of the page waits for it. */
export function prepare(set: RuleSet): void {
  for (const rule of set.rules) rule.ask ??= questionOf(rule.when);
}

/** Whether a rule's conditions hold. */
export function holds(rule: Rule, asked: Asked): boolean {
  return (rule.ask ??= questionOf(rule.when))(asked, rule);
}

/** What each leaf answers, in the order of the document. */
export function answers(rule: Rule, asked: Asked, node: Node = rule.when): boolean[] {
  if (Array.isArray(node)) return [questionOf(node)(asked, rule)];
  return ('all' in node ? node.all : node.any).flatMap((member) => answers(rule, asked, member));
}

function questionOf(node: Node): Question {
  if (Array.isArray(node)) return leafOf(node);
  const isAll = 'all' in node;
  const members = (isAll ? node.all : node.any).map(questionOf);
  return (asked, rule) => {
    for (const member of members) if (member(asked, rule) !== isAll) return !isAll;
    return isAll;
  };
}

function leafOf([fact, op, value, form]: Leaf): Question {
  const isTurned = op[0] === '!';
  const test = testOf(fact, isTurned ? op.slice(1) : op, value, form);
  // What a later version asks holds for nobody here, turned round or not.
  if (!test) return () => false;
  return isTurned ? (asked, rule) => !test(asked, rule) : test;
}

/** Asks whether one value of the fact passes. An unknown fact has none, so that nothing passes. */
function testOf(fact: string, op: string, value: unknown, form = 0): Question | undefined {
  if (op === 'in') return (asked) => isWithin((asked.clock ??= clockOf(asked.set, asked.now)), value as Span);
  if (op === 'flag') return ({ facts }) => facts[fact] === value;
  if (op === 'or') {
    const tests = (value as [string, unknown, number?][]).map((test) => testOf(fact, ...test));
    return (asked, rule) => tests.some((test) => test?.(asked, rule));
  }
  const compare = COMPARISONS[op];
  if (compare) {
    return (asked, rule) => {
      const held = asked.facts[fact];
      if (typeof held === 'number') return compare(held, value as number);
      return numbersOf(fact, rule, asked).some((number) => compare(number, value as number));
    };
  }
  const test = TESTS[op];
  if (!test) return;
  const key = form + fact;
  // A pattern is one value of several pieces; a test without a value is asked once.
  const values = op === 'like' || !value ? [value] : (value as string[]);
  return (asked) => {
    for (const text of textsOf(fact, form, key, asked)) {
      for (const one of values) if (test(text, one as string)) return true;
    }
    return false;
  };
}

const TESTS: Record<string, (text: string, value: string) => boolean> = {
  eq: (text, value) => text === value,
  has: (text, value) => text.includes(value),
  starts: (text, value) => text.startsWith(value),
  ends: (text, value) => text.endsWith(value),
  like: (text, pieces) => like(text, pieces as unknown as string[]),
  filled: () => true,
  // `ru` holds for `ru-ru`, `ru-ru` not for `ru`.
  lang: (text, value) => text === value || text.startsWith(value + '-'),
};

const COMPARISONS: Record<string, (number: number, value: number) => boolean> = {
  num: (number, value) => number === value,
  ge: (number, value) => number >= value,
  le: (number, value) => number <= value,
  lt: (number, value) => number < value,
};
