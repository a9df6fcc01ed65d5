import { addressOf, decoded, readingsOf, slashes } from './address';
import type { Clock } from './clock';
import type { Rule, RuleSet } from './rules';
import { share } from './share';
import { fold, spaces } from './text';

/**
 * What is known: texts as the page gives them, numbers, yes or no; fields and tags as the server sends them, ready to be
 * compared. What is missing is unknown.
 */
export type Facts = Record<string, string | number | boolean | string[] | null | undefined>;

/** What rules are asked about. One of these serves all rules of a moment: what was read once is kept in it. */
export interface Asked {
  set: RuleSet;
  facts: Facts;
  /** Milliseconds of the epoch. */
  now: number;
  /** The visitor, on whom a share hangs. */
  visitor?: string;
  /** Texts that were read already, by form and fact; whoever keeps it for the next moment has them read once. */
  read?: Read;
  /** The project's clock, once it was looked at. */
  clock?: Clock;
}

/** By form and fact: of what a text was read, and what is compared of it. */
export type Read = Map<string, [held: Facts[string], texts: string[]]>[];

/** What is compared of a text, field, word or tag; nothing where it is unknown or blank. */
export function textsOf(fact: string, form: number, asked: Asked): string[] {
  const read = ((asked.read ??= [])[form] ??= new Map());
  const held = asked.facts[fact];
  let known = read.get(fact);
  if (known?.[0] !== held || !known) read.set(fact, (known = [held, readTexts(fact, held, form)]));
  return known[1];
}

function readTexts(fact: string, held: Facts[string], form: number): string[] {
  if (Array.isArray(held)) return held;
  if (typeof held !== 'string' || !spaces(held)) return [];
  if (fact === 'page_url' || fact === 'referrer') return readingsOf(addressOf(held), form);
  if (fact === 'page_path') return slashes(decoded(spaces(held))).map(fold);
  return [fold(held)];
}

/** Numbers of a fact that is not given as one: a field's several, a share that is counted here, nothing of what did not happen. */
export function numbersOf(fact: string, rule: Rule, { facts, visitor }: Asked): number[] {
  const held = facts[fact];
  if (Array.isArray(held)) return held.filter((text) => /^-?\d+(\.\d+)?$/.test(text)).map(Number);
  if (fact === 'share') return visitor ? [share(visitor, rule.id)] : [];
  return fact === 'visits' || fact === 'pages_viewed' || fact.startsWith('event.') ? [0] : [];
}
