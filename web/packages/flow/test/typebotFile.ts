/** Small files of Typebot as its versions write them. */

import { importTypebot, type Block, type FlowDocument, type Imported } from '../src';

type Raw = Record<string, unknown>;

export const VARIABLES = [
  { id: 'v1', name: 'Name' },
  { id: 'v2', name: 'Lead score' },
  { id: 'v3', name: 'Список' },
];

export const say = (text: string): Raw => ({
  id: `say ${text}`,
  type: 'text',
  content: { richText: [{ type: 'p', children: [{ text }] }] },
});

/** One group whose blocks follow the start, and a second one that edges `e2` and `e3` lead to. */
export function flow(...blocks: Raw[]): Raw {
  return {
    version: '6.1',
    id: 'bot',
    name: 'Проба',
    events: [{ id: 'ev', type: 'start', outgoingEdgeId: 'e1', graphCoordinates: { x: 0, y: 0 } }],
    groups: [
      { id: 'g1', title: 'Main', graphCoordinates: { x: 100, y: 60 }, blocks },
      { id: 'g2', title: 'Yes', graphCoordinates: { x: 600, y: 0 }, blocks: [say('yes'), say('more')] },
      { id: 'g3', title: 'No', graphCoordinates: { x: 600, y: 600 }, blocks: [say('no')] },
    ],
    edges: [
      { id: 'e1', from: { eventId: 'ev' }, to: { groupId: 'g1' } },
      { id: 'e2', from: { blockId: 'any' }, to: { groupId: 'g2' } },
      { id: 'e3', from: { blockId: 'any' }, to: { groupId: 'g3' } },
      { id: 'e4', from: { blockId: 'any' }, to: { groupId: 'g2', blockId: 'say more' } },
    ],
    variables: VARIABLES,
  };
}

export const take = (file: Raw): Imported => importTypebot(JSON.stringify(file));

/** The blocks of the first group, followed by one that says «end». */
export const blocksOf = (...blocks: Raw[]): Block[] => {
  const { document } = take(flow(...blocks, say('end')));
  const end = document.blocks.findIndex((block) => block.type === 'message' && block.settings.text === 'end');
  return document.blocks.slice(0, end);
};

/** Ways by words: exits with what the block behind them says, or its type. */
export function waysOf(document: FlowDocument, id: string): Record<string, string> {
  const name = (to: string) => {
    const block = document.blocks.find((one) => one.id === to);
    return block?.type === 'message' ? (block.settings.text ?? '') : (block?.type ?? '?');
  };
  const own = document.edges.filter(({ from }) => from[0] === id);
  return Object.fromEntries(own.map(({ from, to }) => [from[1], to === id ? 'itself' : name(to)]));
}

/** What becomes of one block: its settings, its ways, and what was said of it. */
export function become(block: Raw) {
  const { document, warnings, placeholders } = take(flow(say('?'), { id: 'x', ...block }, say('end')));
  const own = document.blocks.filter(({ id }) => {
    const { pos } = document.blocks.find((one) => one.id === id) as Block;
    return pos[0] < 500;
  });
  const made = own.filter((one) => {
    const text = one.type === 'message' ? one.settings.text : undefined;
    return text !== 'end' && (own.length === 2 || text !== '?');
  });
  return {
    blocks: made.map(({ type, settings }) => ({ type, settings })),
    ways: made.map(({ id }) => waysOf(document, id)),
    codes: warnings
      .map(({ code }) => code)
      .filter(
        (code) =>
          ![
            'starts_with_first_message',
            'answers_in_variables',
            'unreachable_group',
            'edge_from_nowhere',
          ].includes(code),
      ),
    placeholders: placeholders.map(({ type, mustFill }) => [type, mustFill]),
  };
}
