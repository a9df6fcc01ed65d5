import type { FlowDocument } from '../src';

/** The example of the source product: a check of the phone, a question, a way for wrong answers. */
export const sample = (): FlowDocument => ({
  schema: 1,
  settings: { on_operator: 'stop' },
  launch: [{ kind: 'menu_button', to: 'b1' }],
  blocks: [
    {
      id: 'b1',
      type: 'condition',
      pos: [0, 0],
      settings: { branches: [{ id: 'filled', all: [{ field: 'phone', op: 'filled' }] }] },
    },
    {
      id: 'b2',
      type: 'message',
      title: 'Ask',
      pos: [320, 0],
      settings: { text: 'Your phone?', wait: { expect: 'phone', save_to: 'phone', on_incorrect: 'exit' } },
    },
    { id: 'b3', type: 'message', pos: [640, 0], settings: { text: 'Thank you' } },
    { id: 'b4', type: 'jump', pos: [640, 200], settings: { target: 'b2' } },
  ],
  edges: [
    { from: ['b1', 'else'], to: 'b2' },
    { from: ['b1', 'filled'], to: 'b3' },
    { from: ['b2', 'correct'], to: 'b3' },
    { from: ['b2', 'incorrect'], to: 'b4' },
  ],
});

/** The same numbers every time. */
export function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}
