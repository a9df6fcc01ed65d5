import { expect, it } from 'vitest';
import { addBlock, outline } from '../src';
import { sample } from './sample';

it('lists every block once, after what leads to it, and the unreached ones last', () => {
  const { document } = addBlock(sample(), { type: 'end', settings: {}, pos: [0, 0] });
  expect(outline(document).map(({ block, depth, isReached }) => [block.id, depth, isReached])).toEqual([
    ['b1', 0, true],
    ['b3', 1, true],
    ['b2', 1, true],
    ['b4', 2, true],
    ['b5', 0, false],
  ]);
});

it('is quick with a thousand blocks in a row, each leading back', () => {
  let document = sample();
  for (let number = 0; number < 1_000; number += 1)
    document = addBlock(document, { type: 'note', settings: { text: 'x' }, pos: [0, 0] }).document;
  const ids = document.blocks.slice(4).map(({ id }) => id);
  document = {
    ...document,
    edges: [
      ...document.edges,
      ...ids.map((id, index) => ({ from: [id, 'next'] as [string, string], to: ids[index + 1] ?? 'b1' })),
    ],
  };
  expect(outline(document)).toHaveLength(1_004);
});
