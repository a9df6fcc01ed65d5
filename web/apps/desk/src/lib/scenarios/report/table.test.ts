import type { Block, FlowDocument } from '@otklik/flow';
import { describe, expect, it } from 'vitest';
import type { Report } from './report.svelte';
import { csvOf, type Row, rowsOf, worstDrop } from './table';

const document = {
  schema: 1,
  name: 'Сбор',
  launch: [],
  blocks: [
    {
      id: 'b1',
      type: 'message',
      title: 'Спросить',
      pos: [0, 0],
      settings: { text: '?', wait: { expect: 'phone' } },
    },
    { id: 'b2', type: 'message', title: '=1+1', pos: [0, 0], settings: { text: 'Спасибо' } },
  ],
  edges: [{ from: ['b1', 'correct'], to: 'b2' }],
} as unknown as FlowDocument;

const report = {
  launches: 3,
  finishes: 0,
  to_operator: 0,
  median_seconds: null,
  document,
  version: 2,
  versions: [2, 1],
  launch_kinds: ['keyword'],
  unused: ['b2'],
  older_blocks: ['b9'],
  blocks: {
    b1: { visits: 3, runs: 3, exits: { correct: 1, incorrect: 1 }, incorrect: 2, waiting: 1, ended: 0 },
    b9: { visits: 1, runs: 1, exits: { next: 1 }, incorrect: 0, waiting: 0, ended: 0 },
  },
} satisfies Report;

describe('the report as a table', () => {
  it('has every block of the scheme, then those of other versions', () => {
    const rows = rowsOf(report);
    expect(rows.map(({ id, visits, isOlder }) => [id, visits, isOlder])).toEqual([
      ['b1', 3, false],
      ['b2', 0, false],
      ['b9', 1, true],
    ]);
  });

  it('adds up: visits are ways out, waiting and ended', () => {
    for (const row of rowsOf(report)) {
      const left = row.ways.reduce((sum, way) => sum + way.count, 0);
      expect(row.visits).toBe(left + row.waiting + row.ended);
    }
  });

  it('keeps a title that looks like a formula as text in CSV', () => {
    expect(csvOf(rowsOf(report), ['Блок'])).toContain(`"'=1+1"`);
  });

  it('names exits that are not shown, never as the engine does', () => {
    const exits = { next: 1, 'button:old': 1 };
    const b2 = { visits: 2, runs: 2, exits, incorrect: 0, waiting: 0, ended: 0 };
    const jump = { ...document.blocks[1], type: 'jump', settings: { target: 'b1' } } as Block;
    const rows = rowsOf({ ...report, document: { ...document, blocks: [jump] }, blocks: { b2 } });
    expect(rows[0]?.ways.map(({ name }) => name)).toEqual(['Дальше', 'button:old (из другой версии)']);
  });

  it('calls a block of another version as that version did', () => {
    const settings = { text: '?', buttons: [{ id: 'am', label: 'Утром' }] };
    const block = { id: 'b9', type: 'message', title: 'Было', pos: [0, 0], settings } as Block;
    const exits = { 'button:am': 1 };
    const numbers = { visits: 1, runs: 1, exits, incorrect: 0, waiting: 0, ended: 0 };
    const rows = rowsOf({ ...report, blocks: { b9: numbers } }, new Map([['b9', block]]));
    expect(rows.at(-1)).toMatchObject({ title: 'Было', isOlder: true });
    expect(rows.at(-1)?.ways.map(({ id, name, count }) => [id, name, count])).toEqual([
      ['button:am', 'Утром', 1],
    ]);
  });
});

describe('the worst drop', () => {
  const row = (id: string, visits: number, ended: number, isMessage = true): Row => ({
    ...{ id, title: id, visits, runs: visits, exits: {}, incorrect: 0, waiting: 0, ended },
    ...{ ways: [], isMessage, isOlder: false },
  });

  it('is the message with the largest share of ended runs, not with the most of them', () => {
    expect(worstDrop([row('a', 100, 10), row('b', 10, 5)])?.id).toBe('b');
  });

  it('is of two equal shares the one with more people', () => {
    expect(worstDrop([row('a', 2, 1), row('b', 20, 10)])?.id).toBe('b');
  });

  it('is no block that ends scenarios, and nothing where nobody left', () => {
    expect(worstDrop([row('end', 5, 5, false), row('a', 5, 0), row('b', 0, 0)])).toBeNull();
  });
});
