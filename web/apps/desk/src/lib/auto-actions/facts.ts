/** Facts of a condition and the operators that fit them: the tables of `site.md`, as the form offers them. */

export type Op =
  | 'is'
  | 'is_not'
  | 'in'
  | 'not_in'
  | 'contains'
  | 'not_contains'
  | 'starts_with'
  | 'ends_with'
  | 'matches'
  | 'at_least'
  | 'at_most'
  | 'is_empty'
  | 'is_filled'
  | 'has'
  | 'has_not'
  | 'is_true'
  | 'is_false'
  | 'within'
  | 'not_within'
  | 'below';

export type FactKind =
  'text' | 'number' | 'share' | 'flag' | 'device' | 'language' | 'country' | 'clock' | 'field' | 'tag';

/** What is typed beside an operator. */
export type ValueKind = 'none' | 'text' | 'list' | 'number' | 'device' | 'devices' | 'hours';

export const FACT_GROUPS = {
  page: ['page_url', 'page_path', 'page_title', 'query', 'event'],
  source: ['referrer', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'],
  behaviour: [
    'seconds_on_page',
    'seconds_on_site',
    'pages_viewed',
    'visits',
    'returning',
    'scroll_percent',
    'idle_seconds',
    'exit_intent',
  ],
  visitor: ['device', 'language', 'country', 'field', 'tag', 'share'],
  team: ['time', 'operators_online'],
} as const;

export type FactGroup = keyof typeof FACT_GROUPS;
/** A fact without the name that people choose: `query`, and not `query.promo`. */
export type FactBase = (typeof FACT_GROUPS)[FactGroup][number];

/** These have a name of their own: `query.promo`, `event.cart`, `field.phone`. */
export const isNamed = (base: string) => base === 'query' || base === 'event' || base === 'field';

const KINDS: Partial<Record<FactBase, FactKind>> = {
  event: 'number',
  seconds_on_page: 'number',
  seconds_on_site: 'number',
  pages_viewed: 'number',
  visits: 'number',
  scroll_percent: 'number',
  idle_seconds: 'number',
  returning: 'flag',
  exit_intent: 'flag',
  operators_online: 'flag',
  device: 'device',
  language: 'language',
  country: 'country',
  time: 'clock',
  field: 'field',
  tag: 'tag',
  share: 'share',
};

export const kindOfFact = (base: FactBase): FactKind => KINDS[base] ?? 'text';

const PARTS: Op[] = ['contains', 'not_contains', 'starts_with', 'ends_with'];
const OPS: Record<FactKind, Op[]> = {
  text: ['is', 'is_not', ...PARTS, 'matches', 'in', 'not_in', 'is_filled', 'is_empty'],
  number: ['at_least', 'at_most', 'is', 'is_not'],
  share: ['below', 'at_least', 'at_most', 'is', 'is_not'],
  flag: ['is_true', 'is_false'],
  device: ['is', 'is_not', 'in', 'not_in'],
  language: ['is', 'is_not', 'in', 'not_in'],
  country: ['is', 'is_not', 'in', 'not_in'],
  clock: ['within', 'not_within'],
  field: ['is', 'is_not', ...PARTS, 'in', 'not_in', 'is_filled', 'is_empty'],
  tag: ['has', 'has_not'],
};

/** The operators that fit a fact, the usual one first. A field of numbers is compared as one, too. */
export function opsOf(base: FactBase, isNumberField = false): Op[] {
  const ops = OPS[kindOfFact(base)];
  return base === 'field' && isNumberField ? ['at_least', 'at_most', ...ops] : ops;
}

/** What is typed for an operator of a fact. */
export function valueKind(base: FactBase, op: Op): ValueKind {
  if (['is_empty', 'is_filled', 'is_true', 'is_false'].includes(op)) return 'none';
  const kind = kindOfFact(base);
  if (kind === 'clock') return 'hours';
  const isList = op === 'in' || op === 'not_in';
  if (kind === 'device') return isList ? 'devices' : 'device';
  if (isList) return 'list';
  const isNumber = kind === 'number' || kind === 'share' || op === 'at_least' || op === 'at_most';
  return isNumber ? 'number' : 'text';
}

/** `query.promo` → `query` and `promo`. */
export function partsOf(fact: string): { base: FactBase; name: string } {
  const dot = fact.indexOf('.');
  const base = dot < 0 ? fact : fact.slice(0, dot);
  return { base: base as FactBase, name: dot < 0 ? '' : fact.slice(dot + 1) };
}
