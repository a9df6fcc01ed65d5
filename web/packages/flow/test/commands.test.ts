import { describe, expect, it } from 'vitest';
import {
  addBlock,
  blockOf,
  canConnect,
  changeBlock,
  commonStart,
  connect,
  deleteBlocks,
  disconnect,
  insertOnEdge,
  leadLaunch,
  moveBlocks,
} from '../src';
import { sample } from './sample';

const frozen = () => {
  const freeze = <T>(value: T): T => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  return freeze(sample());
};
const end = { type: 'end' as const, settings: {}, pos: [0, 0] as [number, number] };

describe('ids', () => {
  it('are never given twice, even after the last block is gone', () => {
    const added = addBlock(frozen(), end);
    expect(added.id).toBe('b5');
    const again = addBlock(deleteBlocks(added.document, ['b5']), end);
    expect(again.id).toBe('b6');
    expect(addBlock(deleteBlocks(frozen(), ['b4']), end).id).toBe('b5');
  });

  it('keep above what was published', () => {
    expect(addBlock(frozen(), end, 40).id).toBe('b40');
  });
});

it('takes a block away with its edges, and leaves a launch without its block', () => {
  const left = deleteBlocks(frozen(), ['b1']);
  expect(left.blocks.map(({ id }) => id)).toEqual(['b2', 'b3', 'b4']);
  expect(left.edges.every(({ from, to }) => from[0] !== 'b1' && to !== 'b1')).toBe(true);
  expect(left.launch[0]?.to).toBe('');
});

it('snaps to the grid, and makes no step of a move that ends where it began', () => {
  const document = frozen();
  expect(blockOf(moveBlocks(document, new Map([['b2', [329, 7]]])), 'b2')?.pos).toEqual([336, 0]);
  expect(moveBlocks(document, new Map([['b2', [322, 3]]]))).toBe(document);
});

describe('connections', () => {
  it('have one block at the end of an exit', () => {
    const moved = connect(frozen(), ['b2', 'correct'], 'b4');
    expect(moved.edges.filter(({ from }) => from.join() === 'b2,correct')).toEqual([
      { from: ['b2', 'correct'], to: 'b4' },
    ]);
  });

  it('are made between exits and blocks that there are', () => {
    const document = frozen();
    expect(connect(document, ['b2', 'next'], 'b3')).toBe(document);
    expect(connect(document, ['b2', 'correct'], 'b9')).toBe(document);
    expect(canConnect(document, ['b2', 'correct'], 'b2')).toBe(true);
  });

  it('are cut', () => {
    expect(disconnect(frozen(), ['b2', 'correct']).edges).toHaveLength(3);
  });
});

describe('settings', () => {
  it('keep the way on when a message begins to wait, and when it no longer does', () => {
    const start = connect(frozen(), ['b3', 'next'], 'b4');
    const asks = changeBlock(start, 'b3', { settings: { text: '?', wait: { expect: 'any' } } });
    expect(asks.edges).toContainEqual({ from: ['b3', 'correct'], to: 'b4' });
    const tells = changeBlock(asks, 'b3', { settings: { text: '!' } });
    expect(tells.edges).toContainEqual({ from: ['b3', 'next'], to: 'b4' });
  });

  it('take the edges of exits that are gone with them', () => {
    const told = changeBlock(frozen(), 'b2', { settings: { text: 'Hello' } });
    expect(told.edges.filter(({ from }) => from[0] === 'b2')).toEqual([{ from: ['b2', 'next'], to: 'b3' }]);
  });

  it('drop an empty title', () => {
    expect(blockOf(changeBlock(frozen(), 'b2', { title: '' }), 'b2')).not.toHaveProperty('title');
  });
});

describe('launches', () => {
  it('lead to one block together, or each to its own', () => {
    const document = { ...frozen(), launch: [...frozen().launch, { kind: 'api' as const, to: 'b1' }] };
    expect(commonStart(document)).toBe('b1');
    expect(leadLaunch(document, 'b3').launch.map(({ to }) => to)).toEqual(['b3', 'b3']);
    const apart = leadLaunch(document, 'b3', 1);
    expect(apart.launch.map(({ to }) => to)).toEqual(['b1', 'b3']);
    expect(commonStart(apart)).toBeNull();
  });
});

it('puts a block on an edge, and makes room', () => {
  const put = insertOnEdge(frozen(), ['b2', 'correct'], { type: 'tag', settings: { add: ['x'] } });
  expect(put?.document.edges).toContainEqual({ from: ['b2', 'correct'], to: 'b5' });
  expect(put?.document.edges).toContainEqual({ from: ['b5', 'next'], to: 'b3' });
  const [fresh, after] = ['b5', 'b3'].map((id) => put && blockOf(put.document, id));
  expect((after?.pos[0] ?? 0) - (fresh?.pos[0] ?? 0)).toBeGreaterThanOrEqual(200);
  expect(insertOnEdge(frozen(), ['b3', 'next'], { type: 'end', settings: {} })).toBeNull();
});
