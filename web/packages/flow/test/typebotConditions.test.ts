import { describe, expect, it } from 'vitest';
import type { Branch, FlowDocument, Rule } from '../src';
import { dice } from './sample';
import { become, flow, say, take, waysOf } from './typebotFile';

interface Comparison {
  variableId: string;
  comparisonOperator: string;
  value?: string;
}
interface Item {
  logicalOperator?: 'AND' | 'OR';
  comparisons: Comparison[];
}

const is = (comparisonOperator: string, value?: string, variableId = 'v1'): Comparison => ({
  variableId,
  comparisonOperator,
  ...(value !== undefined && { value }),
});
const block = (...items: Item[]) => ({
  id: 'x',
  type: 'Condition',
  items: items.map((content, index) => ({ id: `i${index}`, outgoingEdgeId: `e${index + 2}`, content })),
});

/** What Typebot makes of one comparison of short texts and whole numbers. */
function holdsThere({ comparisonOperator: op, value = '' }: Comparison, held: string): boolean {
  const has = held !== '';
  const low = held.toLowerCase();
  const wanted = value.toLowerCase();
  const number = Number(held);
  switch (op) {
    case 'Is set':
      return has;
    case 'Is empty':
      return !has;
    case 'Equal to':
      return held === value;
    case 'Not equal':
      return held !== value;
    case 'Contains':
      return has && low.includes(wanted);
    case 'Does not contain':
      return !has || !low.includes(wanted);
    case 'Greater than':
      return has && number > Number(value);
    case 'Greater or equal to':
      return has && number >= Number(value);
    case 'Less than':
      return has && number < Number(value);
    case 'Less or equal to':
      return has && number <= Number(value);
    case 'Starts with':
      return has && low.startsWith(wanted);
    case 'Ends with':
      return has && low.endsWith(wanted);
    case 'Matches regex':
      return has && new RegExp(value).test(held);
    case 'Does not match regex':
      return !has || !new RegExp(value).test(held);
    default:
      return false;
  }
}

/** What our server makes of a rule. */
function holdsHere(rule: Rule, values: Record<string, string>): boolean {
  if (!('field' in rule)) throw new Error('only fields are asked for');
  const held = values[rule.field] ?? '';
  const value = rule.value ?? '';
  switch (rule.op) {
    case 'filled':
      return held !== '';
    case 'empty':
      return held === '';
    case 'eq':
      return held !== '' && held.toLowerCase() === value.toLowerCase();
    case 'contains':
      return held !== '' && held.toLowerCase().includes(value.toLowerCase());
    case 'gt':
      return held !== '' && Number(held) > Number(value);
    case 'lt':
      return held !== '' && Number(held) < Number(value);
    case 'pattern': {
      const [, flags = '', inner = ''] = /^(?:\(\?(is?)\))?(.*)$/s.exec(value) ?? [];
      const body = inner.replaceAll('(?s:.*)', '[\\s\\S]*').replaceAll('(?:', '(?:');
      return held !== '' && new RegExp(`^(?:${body})$`, flags).test(held);
    }
  }
}

const passes = (branch: Branch, values: Record<string, string>) =>
  branch.all
    ? branch.all.every((rule) => holdsHere(rule, values))
    : (branch.any ?? []).some((rule) => holdsHere(rule, values));

/** Goes through the conditions of a document as the server does; what the message behind them says. */
function walk(document: FlowDocument, values: Record<string, string>): string {
  let at = document.edges.find(({ from }) => from[0] === 'b1')?.to;
  for (let step = 0; step < 20; step += 1) {
    const here = document.blocks.find(({ id }) => id === at);
    if (here?.type !== 'condition') return here?.type === 'message' ? (here.settings.text ?? '') : '?';
    const exit = here.settings.branches.find((branch) => passes(branch, values))?.id ?? 'else';
    at = document.edges.find(({ from }) => from[0] === here.id && from[1] === exit)?.to;
  }
  return 'round and round';
}

it('makes items branches of one block, and what falls through the other way', () => {
  const { document } = take(
    flow(
      say('?'),
      block(
        { comparisons: [is('Greater than', '8'), is('Is set', undefined, 'v2')] },
        { logicalOperator: 'OR', comparisons: [is('Equal to', 'x'), is('Is empty')] },
      ),
      say('end'),
    ),
  );
  expect(document.blocks[1]?.settings).toEqual({
    branches: [
      {
        id: 'c1',
        all: [
          { field: 'var.name', op: 'gt', value: '8' },
          { field: 'var.lead_score', op: 'filled' },
        ],
      },
      {
        id: 'c2',
        any: [
          { field: 'var.name', op: 'eq', value: 'x' },
          { field: 'var.name', op: 'empty' },
        ],
      },
    ],
  });
  expect(waysOf(document, 'b2')).toEqual({ c1: 'yes', c2: 'no', else: 'end' });
});

describe('what Typebot asks is answered as there', () => {
  const operators = [
    'Is set',
    'Is empty',
    'Equal to',
    'Not equal',
    'Contains',
    'Does not contain',
    'Greater than',
    'Greater or equal to',
    'Less than',
    'Less or equal to',
    'Starts with',
    'Ends with',
    'Matches regex',
    'Does not match regex',
  ];
  const held = ['', '1', '2', '12', '21', '5'];

  it.each(operators)('%s, alone', (operator) => {
    for (const value of ['1', '2', '12']) {
      const { document } = take(flow(say('?'), block({ comparisons: [is(operator, value)] }), say('end')));
      for (const name of held) {
        const there = holdsThere(is(operator, value), name) ? 'yes' : 'end';
        expect([operator, value, name, walk(document, { 'var.name': name })]).toEqual([
          operator,
          value,
          name,
          there,
        ]);
      }
    }
  });

  it('several items of several comparisons', () => {
    const roll = dice(7);
    const pick = <One>(from: readonly One[]): One => from[roll(from.length)] as One;
    for (let round = 0; round < 200; round += 1) {
      const items = Array.from({ length: 1 + roll(2) }, (): Item => ({
        logicalOperator: pick(['AND', 'OR'] as const),
        comparisons: Array.from({ length: 1 + roll(3) }, () =>
          is(pick(operators), pick(['1', '2', '5']), pick(['v1', 'v2'])),
        ),
      }));
      const { document } = take(flow(say('?'), block(...items), say('end')));
      for (const name of held) {
        const score = pick(held);
        const holds = ({ logicalOperator, comparisons }: Item) => {
          const one = (each: Comparison) => holdsThere(each, each.variableId === 'v1' ? name : score);
          return logicalOperator === 'OR' ? comparisons.some(one) : comparisons.every(one);
        };
        const at = items.findIndex(holds);
        const said = walk(document, { 'var.name': name, 'var.lead_score': score });
        expect([JSON.stringify(items), name, score, said]).toEqual([
          JSON.stringify(items),
          name,
          score,
          ['yes', 'no'][at] ?? 'end',
        ]);
      }
    }
  });
});

describe('what it cannot ask', () => {
  it('leaves out a comparison that nobody finished', () => {
    const [never] = become(block({ comparisons: [{ variableId: 'v1' } as Comparison] })).placeholders;
    expect(never).toEqual(['Condition', false]);
    const some = become(block({ logicalOperator: 'OR', comparisons: [is('Nonsense'), is('Is set')] }));
    expect(some.codes).toEqual(['condition_incomplete']);
    expect(some.blocks.at(-1)?.settings).toMatchObject({ branches: [{ any: [{ op: 'filled' }] }] });
  });

  it.each(['a(?=b)', '(?<!a)b', '(a)\\1', '[a&&b]', '(unclosed'])(
    'gives the server no pattern that it cannot read: %s',
    (pattern) => {
      const { blocks, codes } = become(block({ comparisons: [is('Matches regex', pattern)] }));
      expect(codes).toEqual(['pattern_unsupported']);
      expect(blocks.at(-1)?.settings).toMatchObject({ branches: [{ all: [{ op: 'eq' }] }] });
    },
  );

  it.each([
    ['\\d{4}\\-\\d\\d', '\\d{4}\\-\\d\\d'],
    ['[\\w\\-.]+\\@x', '[\\w\\-.]+@x'],
  ])('puts up with needless backslashes: %s', (pattern, kept) => {
    const { blocks, codes } = become(block({ comparisons: [is('Matches regex', pattern)] }));
    expect(codes).toEqual([]);
    const rule = { op: 'pattern', value: `(?s:.*)(?:${kept})(?s:.*)` };
    expect(blocks.at(-1)?.settings).toMatchObject({ branches: [{ all: [rule] }] });
  });

  it('puts no value into a pattern', () => {
    const { blocks, codes } = become(block({ comparisons: [is('Starts with', '{{Lead score}}')] }));
    expect(codes).toEqual(['pattern_with_variable']);
    const rule = { field: 'var.name', op: 'contains', value: '{{var.lead_score}}' };
    expect(blocks.at(-1)?.settings).toEqual({ branches: [{ id: 'c1', all: [rule] }] });
  });

  it('finds a pattern anywhere in the text, with its flags', () => {
    const { blocks } = become(block({ comparisons: [is('Matches regex', '/^a.b$/gi')] }));
    const rule = { field: 'var.name', op: 'pattern', value: '(?s:.*)(?i:^a.b$)(?s:.*)' };
    expect(blocks.at(-1)?.settings).toEqual({ branches: [{ id: 'c1', all: [rule] }] });
  });
});
