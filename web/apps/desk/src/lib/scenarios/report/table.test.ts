import type { FlowDocument } from '@otklik/flow';
import { describe, expect, it } from 'vitest';
import type { Report } from './report.svelte';
import { csvOf, rowsOf } from './table';

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
});
