import { describe, expect, it } from 'vitest';
import { exitsOf, importTypebot, isBlockType, NotTypebot, readDocument, type FlowDocument } from '../src';
import { dice } from './sample';
import { flow, say, take, waysOf } from './typebotFile';

const codes = (file: object) => importTypebot(JSON.stringify(file)).warnings.map(({ code }) => code);

describe('files that are none', () => {
  it.each([
    ['', 'not_json'],
    ['{', 'not_json'],
    ['null', 'not_typebot'],
    ['[]', 'not_typebot'],
    ['"groups"', 'not_typebot'],
    ['{"groups":[]}', 'not_typebot'],
    ['{"groups":[1,2]}', 'not_typebot'],
    ['{"nodes":[],"connections":{}}', 'not_typebot'],
    ['{"schema":1,"blocks":[],"edges":[]}', 'not_typebot'],
    ['{"version":"2","groups":[{"blocks":[]}]}', 'old_version'],
    ['{"blocks":[{"steps":[]}]}', 'old_version'],
  ])('%s', (text, code) => {
    let thrown: unknown;
    try {
      importTypebot(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(NotTypebot);
    expect((thrown as NotTypebot).code).toBe(code);
  });

  it('reads what the API of Typebot answers, and a mark before the text', () => {
    expect(importTypebot(`\uFEFF${JSON.stringify({ typebot: flow(say('a')) })}`).counts.blocks).toBe(4);
  });
});

describe('odd flows', () => {
  it('warns of edges from blocks that are gone', () => {
    const { warnings } = take(flow(say('a')));
    // Three edges of the sample begin at no block.
    expect(warnings).toContainEqual({ code: 'edge_from_nowhere', detail: '3' });
  });

  it('warns of a missing edge and goes on', () => {
    const { document, warnings } = take(flow({ ...say('a'), outgoingEdgeId: 'gone' }, say('b')));
    expect(warnings).toContainEqual({ code: 'missing_edge', group: 'Main', block: 'b1' });
    expect(waysOf(document, 'b1')).toEqual({ next: 'b' });
  });

  it('finds the edge of a block by where it begins', () => {
    const file = flow(say('a'));
    const edges = [
      ...(file.edges as object[]),
      { id: 'e9', from: { blockId: 'say a' }, to: { groupId: 'g3' } },
    ];
    expect(waysOf(take({ ...file, edges }).document, 'b1')).toEqual({ next: 'no' });
  });

  it('warns of edges to nowhere', () => {
    const file = flow({ ...say('a'), outgoingEdgeId: 'e8' }, say('b'), { ...say('c'), outgoingEdgeId: 'e9' });
    const edges = [
      ...(file.edges as object[]),
      { id: 'e8', from: { blockId: 'say a' }, to: { groupId: 'gone' } },
      { id: 'e9', from: { blockId: 'say c' }, to: { groupId: 'g2', blockId: 'gone' } },
    ];
    const { document, warnings } = take({ ...file, edges });
    expect(waysOf(document, 'b3')).toEqual({ next: 'yes' });
    expect(warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['edge_to_nowhere', 'edge_to_lost_block']),
    );
  });

  it('warns of groups that no way leads to', () => {
    const { warnings } = take(flow({ ...say('a'), outgoingEdgeId: 'e2' }));
    expect(warnings.filter(({ code }) => code === 'unreachable_group')).toEqual([
      { code: 'unreachable_group', group: 'No' },
    ]);
  });

  it('warns of a way round without a wait, and of none with one', () => {
    const back = { id: 'j', type: 'Jump', options: { groupId: 'g1' } };
    expect(codes(flow(say('a'), back))).toContain('cycle_without_wait');
    expect(codes(flow(say('a'), { id: 'i', type: 'text input' }, back))).not.toContain('cycle_without_wait');
    // A block that does nothing is no wait.
    expect(codes(flow({ id: 'o', type: 'openai' }, back))).toContain('cycle_without_wait');
  });

  it('begins with the first group where nothing says where', () => {
    const { document, warnings } = take({ ...flow(say('a')), events: null });
    expect(document.launch).toEqual([{ kind: 'first_message', to: 'b1' }]);
    expect(warnings.map(({ code }) => code)).toContain('no_start');
  });

  it('ends where a jump leads nowhere, and where empty groups lead round', () => {
    const { document } = take(flow({ id: 'j', type: 'Jump', options: { groupId: 'gone' } }));
    expect(document.blocks[0]?.type).toBe('end');
    const empty = { id: 'x', type: 'text', outgoingEdgeId: 'e1' };
    expect(take(flow(empty)).document.launch).toEqual([{ kind: 'first_message', to: 'b1' }]);
  });

  it('takes a flow of nothing', () => {
    const { document, counts } = take({ version: '6', groups: [], edges: [], variables: [] });
    expect([document.blocks, document.launch, counts.blocks]).toEqual([[], [], 0]);
  });

  it('takes many groups that lead round and say nothing', () => {
    const file = flow();
    const groups = Array.from({ length: 2_000 }, (_, index) => ({
      id: `r${index}`,
      blocks: [{ id: `x${index}`, type: 'text', outgoingEdgeId: `r${index}` }],
    }));
    const edges = groups.map(({ id }, index) => ({ id, to: { groupId: `r${(index + 1) % groups.length}` } }));
    const started = performance.now();
    expect(take({ ...file, groups, edges: [...(file.edges as object[]), ...edges] }).document.blocks).toEqual(
      [],
    );
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('tells variables apart whose names come out alike', () => {
    const variables = [
      { id: 'a', name: 'My name' },
      { id: 'b', name: 'my-name' },
      { id: 'c', name: '!!!' },
    ];
    const file = { ...flow(say('{{My name}} {{my-name}} {{!!!}} {{lost}} {{= 1 + 1 =}}')), variables };
    const { document, warnings } = take(file);
    expect(document.blocks[0]?.settings).toEqual({
      text: '{{var.my_name}} {{var.my_name_2}} {{var.x}} {{var.lost}} ',
    });
    expect(warnings).toContainEqual({ code: 'unknown_variable', group: 'Main', block: 'b1', detail: 'lost' });
    expect(warnings.map(({ code }) => code)).toContain('inline_code');
  });

  it('cuts texts that are too long, never inside a variable', () => {
    const long = `${'я'.repeat(3_995)}{{Name}}`;
    const { document, warnings } = take(flow(say(long)));
    expect(document.blocks[0]?.settings).toEqual({ text: `${'я'.repeat(3_995)}…` });
    expect(warnings.map(({ code }) => code)).toContain('text_cut');
  });

  it('says that there are too many blocks, and takes them', () => {
    const many = Array.from({ length: 500 }, (_, index) => say(String(index)));
    const { document, warnings } = take(flow(...many));
    expect(document.blocks).toHaveLength(503);
    expect(warnings).toContainEqual({ code: 'too_many_blocks', detail: '503' });
  });

  it('lays no card on another', () => {
    const file = flow(say('a'));
    const groups = Array.from({ length: 30 }, (_, index) => ({
      id: `p${index}`,
      graphCoordinates: { x: (index % 3) * 100, y: (index % 5) * 40 },
      blocks: [say('a'), say('b')],
    }));
    const { document } = take({ ...file, groups });
    const spots = document.blocks.map(({ pos: [x, y] }) => [x, y] as const);
    for (const [index, [x, y]] of spots.entries())
      for (const [left, top] of spots.slice(index + 1))
        expect(Math.abs(x - left) >= 236 || Math.abs(y - top) >= 80).toBe(true);
  });
});

/** What the server refuses to read, or could not run. */
function faults({ blocks, edges, launch, next }: FlowDocument): string[] {
  const ids = new Set(blocks.map(({ id }) => id));
  const exits = new Set<string>();
  return [
    ...(ids.size < blocks.length ? ['two blocks with one id'] : []),
    ...blocks.filter(({ id }) => Number(id.slice(1)) >= (next ?? 0)).map(({ id }) => `${id} is given again`),
    ...blocks.filter(({ pos }) => !pos.every(Number.isFinite)).map(({ id }) => `${id} stands nowhere`),
    ...launch.filter(({ to }) => !ids.has(to)).map(({ to }) => `launch to ${to}`),
    ...edges.flatMap(({ from: [id, exit], to }) => {
      const block = blocks.find((one) => one.id === id);
      const isTwice = exits.has(`${id} ${exit}`);
      exits.add(`${id} ${exit}`);
      if (!block || !ids.has(to) || isTwice) return [`${id}.${exit} to ${to}`];
      return exitsOf(block).some((one) => one.id === exit) ? [] : [`${id} has no ${exit}`];
    }),
  ];
}

describe('any JSON', () => {
  const items = [
    { id: 'i1', content: 'Yes', outgoingEdgeId: 'e2' },
    { id: 'i2', content: 'No' },
  ];
  const comparisons = [{ variableId: 'v1', comparisonOperator: 'Not equal', value: 'x' }];
  const types = [
    'text input',
    'date input',
    'file input',
    'rating input',
    'Wait',
    'Jump',
    'Typebot link',
    'Webhook',
    'webhook',
    'Email',
    'Return',
    'openai',
    'Redirect',
  ];
  const whole = flow(
    say('Hi {{Name}}'),
    { id: 'c', type: 'choice input', items, options: { variableId: 'v1', isMultipleChoice: false } },
    {
      id: 'd',
      type: 'Condition',
      items: [{ id: 'i3', outgoingEdgeId: 'e3', content: { logicalOperator: 'OR', comparisons } }],
    },
    {
      id: 's',
      type: 'Set variable',
      options: { variableId: 'v2', expressionToEvaluate: '{{Lead score}} + 5' },
    },
    { id: 'ab', type: 'AB test', options: { aPercent: 20 }, items: [{ id: 'a', path: 'a' }] },
    { id: 'cards', type: 'cards', items: [{ id: 'k', title: 'A', paths: [{ id: 'p', text: 'B' }] }] },
    ...types.map((type) => ({
      id: type,
      type,
      options: { groupId: 'g2', url: 'https://a.example', length: 3 },
    })),
  );
  const junk = [
    null,
    0,
    -1,
    1e308,
    '',
    'e2',
    '__proto__',
    'constructor',
    '{{',
    '\ud800',
    '\0',
    true,
    [],
    {},
    [null],
    'text',
    'g1',
  ];

  /** Changes one thing somewhere. */
  function spoil(value: unknown, roll: (sides: number) => number): unknown {
    if (typeof value !== 'object' || value === null || roll(12) === 0) return junk[roll(junk.length)];
    if (Array.isArray(value)) {
      const at = roll(value.length + 1);
      if (at === value.length) return [...value, ...value.slice(0, 1)];
      if (roll(6) === 0) return value.filter((_, index) => index !== at);
      return value.map((one, index) => (index === at ? spoil(one, roll) : (one as unknown)));
    }
    const keys = Object.keys(value);
    const key = keys[roll(keys.length)] ?? 'x';
    if (roll(6) === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    return { ...value, [key]: spoil((value as Record<string, unknown>)[key], roll) };
  }

  it('comes out whole before anything is spoilt', () => {
    expect(faults(take(whole).document)).toEqual([]);
  });

  it('is a document that stands, or the clear error', () => {
    const roll = dice(2024);
    let taken = 0;
    for (let round = 0; round < 600; round += 1) {
      let file: unknown = whole;
      for (let times = 1 + roll(4); times > 0; times -= 1) file = spoil(file, roll);
      const text = JSON.stringify(file);
      try {
        const { document } = importTypebot(text);
        taken += 1;
        const wrong = faults(document);
        if (wrong.length > 0) expect.fail(`${wrong.join(', ')} in ${text}`);
        // As it arrives at the server, where no zero has a sign.
        const sent = JSON.stringify(document);
        if (round % 20 === 0) expect(readDocument(sent, isBlockType)).toEqual(JSON.parse(sent));
      } catch (error) {
        if (!(error instanceof NotTypebot)) throw error;
      }
    }
    expect(taken).toBeGreaterThan(300);
  }, 20_000);

  it('reads what is nested deeper than anybody writes', () => {
    let node: object = { text: 'x' };
    for (let depth = 0; depth < 2_000; depth += 1) node = { type: 'p', children: [node] };
    expect(take(flow({ id: 'x', type: 'text', content: { richText: [node] } })).document.blocks).toHaveLength(
      3,
    );
  });
});
