import { describe, expect, it } from 'vitest';
import {
  addBlock,
  changeBlock,
  connect,
  deleteBlocks,
  disconnect,
  duplicate,
  exitsOf,
  type FlowDocument,
  History,
  moveBlocks,
  nextNumber,
} from '../src';
import { dice, sample } from './sample';

type Roll = (sides: number) => number;

function anyEdit(document: FlowDocument, roll: Roll): FlowDocument {
  const pick = () => document.blocks[roll(document.blocks.length)];
  const block = pick();
  if (!block) return addBlock(document, { type: 'message', settings: { text: 'x' }, pos: [0, 0] }).document;
  const exit = exitsOf(block)[roll(3)];
  switch (roll(7)) {
    case 0:
      return addBlock(document, { type: 'delay', settings: { for: 'PT1M' }, pos: [roll(900), roll(900)] })
        .document;
    case 1:
      return document.blocks.length > 3 ? deleteBlocks(document, [block.id]) : document;
    case 2:
      return moveBlocks(document, new Map([[block.id, [roll(2_000), roll(2_000)]]]));
    case 3:
      return exit ? connect(document, [block.id, exit.id], pick()?.id ?? '') : document;
    case 4:
      return exit ? disconnect(document, [block.id, exit.id]) : document;
    case 5:
      return changeBlock(document, block.id, { title: `title ${roll(99)}` });
    default:
      return duplicate(document, [block.id]).document;
  }
}

describe('history', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'gives the document back, byte for byte, after any edits (%i)',
    (seed) => {
      const roll = dice(seed);
      const start = JSON.stringify(sample());
      const history = new History(sample());
      let steps = 0;
      while (steps < 100) {
        const next = anyEdit(history.present, roll);
        if (next === history.present) continue;
        history.push(next);
        steps += 1;
      }
      const end = JSON.stringify(history.present);
      for (let step = 0; step < 100; step += 1) history.undo();
      expect(JSON.stringify(history.present)).toBe(start);
      expect(history.canUndo).toBe(false);
      for (let step = 0; step < 100; step += 1) history.redo();
      expect(JSON.stringify(history.present)).toBe(end);
      expect(history.canRedo).toBe(false);
    },
  );

  it('never gives one id to two blocks that are there together', () => {
    const roll = dice(99);
    let document = sample();
    const gone = new Set<string>();
    for (let step = 0; step < 400; step += 1) {
      const before = new Set(document.blocks.map(({ id }) => id));
      document = anyEdit(document, roll);
      const ids = document.blocks.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const id of before) if (!ids.includes(id)) gone.add(id);
      expect(ids.filter((id) => gone.has(id))).toEqual([]);
      expect(nextNumber(document)).toBeGreaterThan(Math.max(0, ...ids.map((id) => Number(id.slice(1)))));
    }
  });

  it('keeps a hundred steps', () => {
    const history = new History(0);
    for (let number = 1; number <= 150; number += 1) history.push(number);
    while (history.canUndo) history.undo();
    expect(history.present).toBe(50);
  });

  it('takes a line that is typed for one step, and two after a pause, another field or a gesture', () => {
    let now = 0;
    const history = new History('', () => now);
    const type = (text: string, field = 'title') => history.push(text, field);
    type('a');
    type('ab');
    now += 3_000;
    type('abc');
    type('abc!', 'text');
    history.seal();
    type('abc!!', 'text');
    const seen: string[] = [];
    while (history.canUndo) {
      history.undo();
      seen.push(history.present);
    }
    expect(seen).toEqual(['abc!', 'abc', 'ab', '']);
  });

  it('forgets the way forward with the next edit, and makes no step of nothing', () => {
    const history = new History('a');
    history.push('b');
    history.undo();
    history.push('a');
    expect(history.canRedo).toBe(true);
    history.push('c');
    expect(history.canRedo).toBe(false);
  });
});
