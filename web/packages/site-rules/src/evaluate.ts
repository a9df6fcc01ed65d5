import { clockOf, isWithin, type Span } from './clock';
import { numbersOf, textsOf, type Asked } from './facts';
import type { Leaf, Node, Rule } from './rules';
import { like } from './text';

/** Whether a rule's conditions hold. */
export function holds(rule: Rule, asked: Asked): boolean {
  return ask(rule.when, asked, rule);
}

/** What each leaf answers, in the order of the document. */
export function answers(rule: Rule, asked: Asked): boolean[] {
  return Array.from(leavesOf(rule.when), (leaf) => ask(leaf, asked, rule));
}

/** The leaves of a document, in its order. */
export function* leavesOf(node: Node): Generator<Leaf> {
  if (Array.isArray(node)) yield node;
  else for (const member of 'all' in node ? node.all : node.any) yield* leavesOf(member);
}

/**
 * The member that decided last is asked first, and not even asked where it is a leaf whose fact has not changed: it mostly decides again, and
 * a page has little time for a hundred rules.
 */
function ask(node: Node, asked: Asked, rule: Rule): boolean {
  if (Array.isArray(node)) return askLeaf(node, asked, rule);
  const isAll = 'all' in node;
  const members = isAll ? node.all : node.any;
  const { length } = members;
  let at = node.first ?? 0;
  // What depends on the hour or the visitor has no fact of its own.
  if (node.held != null && node.held === asked.facts[(members[at] as Leaf)[0]]) return !isAll;
  for (let left = length; left; left--) {
    const member = members[at]!;
    if (ask(member, asked, rule) !== isAll) {
      node.first = at;
      node.held = Array.isArray(member) ? asked.facts[member[0]] : null;
      return !isAll;
    }
    if (++at === length) at = 0;
  }
  return isAll;
}

/** Whether a leaf holds; nothing where its operator is unknown. */
type Test = (asked: Asked, rule: Rule) => boolean | undefined;

/** A leaf is read once, and then it is a function: taking its operator apart costs more than what it asks. */
function askLeaf(leaf: Leaf & { test?: Test }, asked: Asked, rule: Rule): boolean {
  return (leaf.test ??= testOf(leaf))(asked, rule)!;
}

function testOf([fact, op, value, form]: Leaf): Test {
  const isTurned = op[0] === '!';
  const test = passOf(fact, isTurned ? op.slice(1) : op, value, form);
  // What a later version asks holds for nobody here, turned round or not.
  if (!test) return () => false;
  return isTurned ? (asked, rule) => !test(asked, rule) : test;
}

/** Whether one value of the fact passes. An unknown fact has none, so that nothing passes. */
function passOf(fact: string, op: string, value: unknown, form = 0): Test | undefined {
  if (op === 'in') return (asked) => isWithin((asked.clock ??= clockOf(asked.set, asked.now)), value as Span);
  if (op === 'flag') return (asked) => asked.facts[fact] === value;
  if (op === 'or') {
    const tests = (value as [string, unknown, number?][]).map((one) => passOf(fact, ...one));
    return (asked, rule) => tests.some((test) => test?.(asked, rule));
  }
  const compare = COMPARISONS[op];
  if (compare)
    return (asked, rule) => {
      const held = asked.facts[fact];
      if (typeof held === 'number') return compare(held, value as number);
      return numbersOf(fact, rule, asked).some((number) => compare(number, value as number));
    };
  const test = TESTS[op];
  if (!test) return;
  // A pattern is one value of several pieces; a test without a value is asked once.
  if (op === 'like' || !value)
    return (asked) => textsOf(fact, form, asked).some((text) => test(text, value as string));
  return (asked) => {
    const texts = textsOf(fact, form, asked);
    return (value as string[]).some((one) => texts.some((text) => test(text, one)));
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
