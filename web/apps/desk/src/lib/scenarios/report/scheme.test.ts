import { describe, expect, it } from 'vitest';
import type { FlowDocument } from '@otklik/flow';
import type { Report } from './report.svelte';
import { neighbour, type Spot, waysOf } from './scheme';

const buttons = [
  { id: 'am', label: 'Утром' },
  { id: 'pm', label: 'Вечером' },
];
const message = { type: 'message', pos: [0, 0] };
const document = {
  schema: 1,
  launch: [{ kind: 'keyword', words: ['x'], to: 'a' }],
  blocks: [
    { ...message, id: 'a', settings: { text: '?', buttons } },
    { ...message, id: 'b', settings: { text: 'b' } },
    { ...message, id: 'c', settings: { text: 'c' } },
  ],
  edges: [
    { from: ['a', 'correct'], to: 'b' },
    { from: ['a', 'button:am'], to: 'c' },
  ],
} as unknown as FlowDocument;

function waysWith(exits: Record<string, number>) {
  const numbers = { visits: 9, runs: 9, exits, incorrect: 0, waiting: 0, ended: 0 };
  const report: Report = {
    ...{
      launches: 9,
      finishes: 0,
      to_operator: 0,
      median_seconds: null,
      document,
      version: 1,
      versions: [1],
      launch_kinds: [],
      unused: [],
      older_blocks: [],
    },
    blocks: { a: numbers },
  };
  return Object.fromEntries(
    waysOf(report).map(({ sourceHandle, style }) => [
      sourceHandle,
      style?.includes('dasharray') ? 'unused' : 'used',
    ]),
  );
}

describe('a way', () => {
  it('was used by those whose button has no way of its own', () => {
    expect(waysWith({ 'button:pm': 1 })).toEqual({ next: 'used', correct: 'used', 'button:am': 'unused' });
  });

  it('was not used by those whose button has one', () => {
    expect(waysWith({ 'button:am': 1 })).toEqual({ next: 'used', correct: 'unused', 'button:am': 'used' });
  });
});

const spots: Spot[] = [
  { id: 'start', x: 0, y: 0 },
  { id: 'near', x: 300, y: 20 },
  { id: 'aslant', x: 200, y: 400 },
  { id: 'far', x: 700, y: 0 },
];

describe('an arrow key', () => {
  it('leads to the nearest card on its side, straight ahead before aslant', () => {
    expect(neighbour(spots, 'start', 'ArrowRight')).toBe('near');
    expect(neighbour(spots, 'near', 'ArrowRight')).toBe('far');
    expect(neighbour(spots, 'far', 'ArrowLeft')).toBe('near');
    expect(neighbour(spots, 'start', 'ArrowDown')).toBe('aslant');
  });

  it('leads nowhere at the edge, nor does another key', () => {
    expect(neighbour(spots, 'far', 'ArrowRight')).toBeNull();
    expect(neighbour(spots, 'start', 'Enter')).toBeNull();
  });
});
