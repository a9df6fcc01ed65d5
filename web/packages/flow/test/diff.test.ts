import { expect, it } from 'vitest';
import {
  addBlock,
  changeBlock,
  compare,
  connect,
  deleteBlocks,
  isSame,
  moveBlocks,
  setLaunches,
} from '../src';
import { sample } from './sample';

it('sees no difference in a move, nor in the order of keys', () => {
  const moved = moveBlocks(sample(), new Map([['b2', [64, 640]]]));
  const turned = JSON.parse(
    JSON.stringify(moved)
      .replace('"text":"Your phone?","wait":', '"wait":')
      .replace('"on_incorrect":"exit"}', '"on_incorrect":"exit"},"text":"Your phone?"'),
  ) as typeof moved;
  expect(isSame(compare(sample(), turned))).toBe(true);
});

it('names what was added, removed and changed', () => {
  let document = addBlock(sample(), { type: 'end', settings: {}, pos: [0, 0] }).document;
  document = deleteBlocks(document, ['b4']);
  document = changeBlock(document, 'b2', {
    title: 'Ask again',
    settings: { text: 'Phone?', wait: { expect: 'phone' } },
  });
  document = connect(document, ['b3', 'next'], 'b5');
  document = setLaunches(document, []);
  const difference = compare(sample(), document);
  expect(difference.added.map(({ id }) => id)).toEqual(['b5']);
  expect(difference.removed.map(({ id }) => id)).toEqual(['b4']);
  expect(difference.changed.map(({ block, what }) => [block.id, what])).toEqual([
    ['b2', ['title', 'text', 'wait', 'exits']],
    ['b3', ['exits']],
  ]);
  expect(difference.launches).toBe(true);
  expect(difference.settings).toBe(false);
});
