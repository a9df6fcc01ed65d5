import { addBlock, changeBlock, connect, emptyDocument, moveBlocks, type FlowDocument } from '@otklik/flow';
import { describe, expect, it } from 'vitest';
import { edgesOf, firstView, nodesOf, type Scene, startExits } from './nodes';

function sample(): FlowDocument {
  let document: FlowDocument = { ...emptyDocument(), launch: [{ kind: 'api', to: 'b1' }] };
  for (let number = 0; number < 3; number += 1)
    document = addBlock(document, {
      type: 'message',
      settings: { text: 'x' },
      pos: [number * 320, 0],
    }).document;
  return connect(connect(document, ['b1', 'next'], 'b2'), ['b2', 'next'], 'b3');
}
const sceneOf = (document: FlowDocument, values: Partial<Scene> = {}): Scene => ({
  document,
  selection: [],
  edge: null,
  marks: new Map(),
  run: null,
  ...values,
});

describe('a card', () => {
  const before = nodesOf(sceneOf(sample()), []);
  const kept = (scene: Scene) => nodesOf(scene, before).map((node, index) => node === before[index]);

  it('stays the very same while nothing of it has changed', () => {
    expect(kept(sceneOf(sample()))).toEqual([true, false, false, false]);
    const document = before.length > 0 ? sample() : emptyDocument();
    const first = nodesOf(sceneOf(document), []);
    const moved = nodesOf(sceneOf(moveBlocks(document, new Map([['b2', [640, 320]]]))), first);
    expect(moved.map((node, index) => node === first[index])).toEqual([true, true, false, true]);
    // Only its place is new: what the card draws is what it drew.
    expect(moved[2]?.data).toBe(first[2]?.data);
  });

  it('is another when its block, its marks or the choice of it change', () => {
    const document = sample();
    const first = nodesOf(sceneOf(document), []);
    const changed = (scene: Scene) =>
      nodesOf(scene, first).flatMap((node, index) => (node === first[index] ? [] : [node.id]));
    expect(changed(sceneOf(changeBlock(document, 'b3', { title: 'Bye' })))).toEqual(['b3']);
    expect(changed(sceneOf(document, { selection: ['b1'] }))).toEqual(['b1']);
    expect(changed(sceneOf(document, { marks: new Map([['b2', { errors: 1, warnings: 0 }]]) }))).toEqual([
      'b2',
    ]);
  });

  it('stays under the pointer that drags it, whatever else happens', () => {
    const document = sample();
    const first = nodesOf(sceneOf(document), []).map((node) =>
      node.id === 'b2' ? { ...node, dragging: true, position: { x: 7, y: 9 } } : node,
    );
    const next = nodesOf(sceneOf(document, { marks: new Map([['b2', { errors: 1, warnings: 0 }]]) }), first);
    expect(next[2]).toMatchObject({ position: { x: 7, y: 9 }, data: { errors: 1 } });
  });
});

it('draws an edge for every way, and one start for all launches or one for each', () => {
  const document = sample();
  expect(edgesOf(sceneOf(document), []).map(({ id, target }) => `${id} > ${target}`)).toEqual([
    'start next > b1',
    'b1 next > b2',
    'b2 next > b3',
  ]);
  const two = { ...document, launch: [...document.launch, { kind: 'mailing' as const, to: 'b3' }] };
  expect(startExits(two).map(({ id }) => id)).toEqual(['launch:0', 'launch:1']);
  expect(
    edgesOf(sceneOf(two), [])
      .slice(0, 2)
      .map(({ target }) => target),
  ).toEqual(['b1', 'b3']);
});

it('shows no way to a block that is not there', () => {
  const document = { ...sample(), edges: [{ from: ['b1', 'next'] as [string, string], to: 'b9' }] };
  expect(edgesOf(sceneOf(document), []).map(({ id }) => id)).toEqual(['start next']);
});

it('opens a small scenario as a whole, and a large one at its beginning', () => {
  const document = sample();
  expect(firstView(nodesOf(sceneOf(document), []), 1_200, 800)).toBeNull();
  const wide = moveBlocks(document, new Map([['b3', [9_600, 0]]]));
  const view = firstView(nodesOf(sceneOf(wide), []), 1_200, 800);
  expect(view?.zoom).toBe(0.8);
  // The card of the launches is in sight, near the left edge.
  const [start] = nodesOf(sceneOf(wide), []);
  expect((view?.x ?? 0) + (start?.position.x ?? 0) * 0.8).toBe(32);
});

it('a way is said by titles, never by ids', () => {
  const [, first] = edgesOf(sceneOf(sample()), []);
  expect(first?.id).toContain('b1');
  expect(first?.ariaLabel).not.toMatch(/\bb\d/);
});
