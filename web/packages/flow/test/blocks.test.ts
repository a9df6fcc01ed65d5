import { describe, expect, it } from 'vitest';
import { type Block, defaultsOf, exitsOf, kindOf, kinds, type Kind, shownExits } from '../src';

const words = { button: (number: number) => `Choice ${number}`, rating: 'How was it?' };
const make = (kind: Kind): Block =>
  ({ id: 'b1', pos: [0, 0], type: kinds[kind].type, settings: defaultsOf(kind, words) }) as Block;
const exits = (block: Block) => exitsOf(block).map(({ id }) => id);
const message = (settings: Block<'message'>['settings']): Block => ({
  id: 'b1',
  type: 'message',
  pos: [0, 0],
  settings,
});

describe('exits', () => {
  it('are those of the contract for every block of the palette', () => {
    const all = Object.fromEntries((Object.keys(kinds) as Kind[]).map((kind) => [kind, exits(make(kind))]));
    expect(all).toEqual({
      message: ['next', 'undelivered'],
      buttons: ['correct', 'button:k1', 'button:k2', 'incorrect', 'undelivered'],
      rating: ['correct', ...[5, 4, 3, 2, 1].map((mark) => `button:m${mark}`), 'incorrect', 'undelivered'],
      check_field: ['filled', 'else'],
      condition: ['c1', 'else'],
      delay: ['next'],
      split: ['a', 'b'],
      jump: [],
      call: ['returned'],
      set: ['next'],
      tag: ['next'],
      subscribe: ['next'],
      note: ['next'],
      http: ['success', 'error'],
      external: ['done', 'error'],
      transfer: ['no_operator'],
      assign: ['next'],
      notify: ['next'],
      close: [],
      end: [],
    });
  });

  it('follow the settings of a question', () => {
    expect(exits(message({ text: '?', wait: { expect: 'phone', timeout: 'PT10M' } }))).toEqual([
      'correct',
      'incorrect',
      'timeout',
      'undelivered',
    ]);
    expect(exits(message({ buttons: [{ id: 'l', label: 'Site', kind: 'link' }] }))).toEqual([
      'next',
      'undelivered',
    ]);
  });

  it('are shown when they are in use, and "replied incorrectly" whenever it is the way on', () => {
    const shown = (block: Block, used: string[] = []) =>
      shownExits(block, (exit) => used.includes(exit)).map(({ id }) => id);
    expect(shown(message({ wait: { expect: 'phone' } }))).toEqual(['correct']);
    expect(shown(message({ wait: { expect: 'phone', on_incorrect: 'exit' } }))).toEqual([
      'correct',
      'incorrect',
    ]);
    expect(shown(message({ text: '' }), ['undelivered'])).toEqual(['next', 'undelivered']);
  });
});

it('draws each block as what it was taken from', () => {
  for (const kind of Object.keys(kinds) as Kind[]) expect(kindOf(make(kind))).toBe(kind);
});
