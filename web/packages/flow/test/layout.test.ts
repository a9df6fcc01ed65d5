import { expect, it } from 'vitest';
import {
  addBlock,
  type Block,
  connect,
  edgeFrom,
  emptyDocument,
  exitsOf,
  type FlowDocument,
  freePlace,
  portsOf,
  sizeOf,
  templates,
  tidy,
} from '../src';
import { dice, sample } from './sample';

it('goes from left to right, on the grid', async () => {
  const { blocks, start } = await tidy(sample());
  const x = Object.fromEntries(blocks.map(({ id, pos }) => [id, pos[0]]));
  expect(start?.[0]).toBeLessThan(x.b1 ?? 0);
  expect(x.b1).toBeLessThan(x.b2 ?? 0);
  expect(x.b2).toBeLessThan(x.b3 ?? 0);
  expect(blocks.flatMap(({ pos }) => pos).filter((part) => part % 16 !== 0)).toEqual([]);
});

it.each([1, 2, 3])('lets no block lie on another (%i)', async (seed) => {
  const roll = dice(seed);
  let document: FlowDocument = emptyDocument();
  for (let number = 0; number < 60; number += 1)
    document = addBlock(document, {
      type: 'message',
      settings: { text: 'x'.repeat(roll(80)) },
      pos: [0, 0],
    }).document;
  for (const block of document.blocks) {
    const exit = exitsOf(block)[0];
    if (exit) document = connect(document, [block.id, exit.id], document.blocks[roll(60)]?.id ?? '');
  }
  const { blocks } = await tidy(document);
  const boxes = blocks.map((block) => ({
    at: block.pos,
    ...sizeOf(block, (exit) => edgeFrom(document, block.id, exit) !== undefined),
  }));
  const overlap = (a: (typeof boxes)[number], b: (typeof boxes)[number]) =>
    a.at[0] < b.at[0] + b.width &&
    b.at[0] < a.at[0] + a.width &&
    a.at[1] < b.at[1] + b.height &&
    b.at[1] < a.at[1] + a.height;
  const clashes = boxes.flatMap((box, index) =>
    boxes.slice(index + 1).filter((other) => overlap(box, other)),
  );
  expect(clashes).toEqual([]);
});

it('puts the answers to a question in the order of its buttons', async () => {
  const menu = templates.find(({ id }) => id === 'faq')?.build((word) => word) as FlowDocument;
  const { blocks } = await tidy(menu);
  const y = (title: string) => blocks.find((block) => block.title === title)?.pos[1] ?? 0;
  expect(y('faq_delivery')).toBeLessThan(y('faq_payment'));
  expect(y('faq_payment')).toBeLessThan(y('faq_return'));
});

it('finds a place for a new card beside the others', () => {
  const document = sample();
  const size = { width: 200, height: 100 };
  expect(freePlace(document, [2_000, 0], size)).toEqual([2_000, 0]);
  const [x, y] = freePlace(document, [330, 10], size);
  expect(x).toBe(330);
  const below = sizeOf(document.blocks[1] as Block).height;
  expect(y).toBeGreaterThanOrEqual(below);
});

it('changes no setting and no edge', async () => {
  const tidied = await tidy(sample());
  const still = (document: FlowDocument) => [
    document.edges,
    document.launch,
    document.blocks.map((b) => [b.id, b.settings]),
  ];
  expect(still(tidied)).toEqual(still(sample()));
});

it('knows where the ports of a card are', () => {
  const block = sample().blocks[1] as Block;
  const size = sizeOf(block);
  // A head, one line, a wait, and two ways out.
  expect(size).toEqual({ width: 236, height: 2 + 38 + 24 + 24 + 56 });
  expect(portsOf(size, ['correct', 'incorrect'], true).map(({ id, x, y }) => [id, x + 5, y + 5])).toEqual([
    ['in', 1, 20],
    ['correct', 235, 101.5],
    ['incorrect', 235, 129.5],
  ]);
});
