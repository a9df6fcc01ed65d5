/** What a person does to a document. Every command answers a new one and leaves the old as it is. */

import { exitsOf } from './blocks';
import { blockOf, edgeFrom, nextNumber } from './document';
import type {
  Block,
  BlockType,
  Edge,
  FlowDocument,
  FlowSettings,
  Launch,
  Point,
  SettingsOf,
} from './document';
import { sizeOf } from './size';

export const GRID = 16;
export const snap = ([x, y]: Point): Point => [Math.round(x / GRID) * GRID, Math.round(y / GRID) * GRID];

export interface NewBlock {
  type: BlockType;
  title?: string;
  settings: SettingsOf[BlockType];
  pos: Point;
}

interface Added {
  document: FlowDocument;
  id: string;
}

/** `floor` is the lowest number that was never given, where more is known than the document says. */
export function addBlock(document: FlowDocument, block: NewBlock, floor = 1): Added {
  const number = nextNumber(document, floor);
  const id = `b${number}`;
  const added = { id, ...block, pos: snap(block.pos) } as Block;
  return { document: { ...document, blocks: [...document.blocks, added], next: number + 1 }, id };
}

/** Takes blocks away with everything that leads to them or from them. */
export function deleteBlocks(document: FlowDocument, ids: readonly string[]): FlowDocument {
  const gone = new Set(ids);
  const isGone = document.blocks.some(({ id }) => gone.has(id));
  if (!isGone) return document;
  return {
    ...document,
    next: nextNumber(document),
    blocks: document.blocks.filter(({ id }) => !gone.has(id)),
    edges: document.edges.filter(({ from, to }) => !gone.has(from[0]) && !gone.has(to)),
    launch: document.launch.map((launch) => (gone.has(launch.to) ? { ...launch, to: '' } : launch)),
  };
}

export function moveBlocks(document: FlowDocument, places: ReadonlyMap<string, Point>): FlowDocument {
  let isMoved = false;
  const blocks = document.blocks.map((block) => {
    const place = places.get(block.id);
    if (!place) return block;
    const pos = snap(place);
    if (pos[0] === block.pos[0] && pos[1] === block.pos[1]) return block;
    isMoved = true;
    return { ...block, pos };
  });
  return isMoved ? { ...document, blocks } : document;
}

export function moveStart(document: FlowDocument, place: Point): FlowDocument {
  const start = snap(place);
  return document.start?.[0] === start[0] && document.start[1] === start[1]
    ? document
    : { ...document, start };
}

/** Whether an exit may lead to a block. A block may lead to itself: that asks once more. */
export function canConnect(document: FlowDocument, from: Edge['from'], to: string): boolean {
  const block = blockOf(document, from[0]);
  return Boolean(block && blockOf(document, to) && exitsOf(block).some(({ id }) => id === from[1]));
}

/** Leads an exit to a block; where it led before is forgotten. */
export function connect(document: FlowDocument, from: Edge['from'], to: string): FlowDocument {
  if (!canConnect(document, from, to) || edgeFrom(document, ...from)?.to === to) return document;
  const edge: Edge = { from: [...from], to };
  return { ...document, edges: [...without(document.edges, from), edge] };
}

export function disconnect(document: FlowDocument, from: Edge['from']): FlowDocument {
  const edges = without(document.edges, from);
  return edges.length === document.edges.length ? document : { ...document, edges };
}

const without = (edges: readonly Edge[], [block, exit]: Edge['from']) =>
  edges.filter(({ from }) => from[0] !== block || from[1] !== exit);

export function changeBlock(
  document: FlowDocument,
  id: string,
  values: { title?: string; settings?: SettingsOf[BlockType] },
): FlowDocument {
  const before = blockOf(document, id);
  if (!before) return document;
  const after = { ...before, ...values } as Block;
  if (!after.title) delete after.title;
  const blocks = document.blocks.map((block) => (block.id === id ? after : block));
  return { ...document, blocks, edges: edgesAfter(document.edges, before, after) };
}

/** The one way on has another name once a block waits for an answer. */
const SAME_WAY: Record<string, string> = { next: 'correct', correct: 'next' };

/** The edges of exits that are no longer there go, unless the exit has only got another name. */
function edgesAfter(edges: readonly Edge[], before: Block, after: Block): Edge[] {
  const had = new Set(exitsOf(before).map(({ id }) => id));
  const has = new Set(exitsOf(after).map(({ id }) => id));
  const isTaken = (exit: string) => edges.some(({ from }) => from[0] === after.id && from[1] === exit);
  return edges.flatMap((edge) => {
    const [block, exit] = edge.from;
    if (block !== after.id || has.has(exit) || !had.has(exit)) return [edge];
    const renamed = SAME_WAY[exit];
    if (!renamed || !has.has(renamed) || isTaken(renamed)) return [];
    return [{ ...edge, from: [block, renamed] as Edge['from'] }];
  });
}

export const setLaunches = (document: FlowDocument, launch: Launch[]): FlowDocument => ({
  ...document,
  launch,
});

/** Where all launches lead, if they lead to one block; null where each has a way of its own. */
export function commonStart(document: FlowDocument): string | null {
  const [first, ...others] = document.launch.map(({ to }) => to);
  return others.every((to) => to === first) ? (first ?? '') : null;
}

/** `launch` is the place of one of them; without it all lead to the block. */
export function leadLaunch(document: FlowDocument, to: string, launch?: number): FlowDocument {
  return setLaunches(
    document,
    document.launch.map((item, index) => (launch === undefined || launch === index ? { ...item, to } : item)),
  );
}

export const setSettings = (document: FlowDocument, values: FlowSettings): FlowDocument => ({
  ...document,
  settings: { ...document.settings, ...values },
});

const GAP = 64;

/** Puts a new block on an edge, and makes room for it where there is none. */
export function insertOnEdge(
  document: FlowDocument,
  from: Edge['from'],
  block: Omit<NewBlock, 'pos'>,
  floor = 1,
): Added | null {
  const edge = edgeFrom(document, ...from);
  const source = edge && blockOf(document, edge.from[0]);
  const target = edge && blockOf(document, edge.to);
  if (!edge || !source || !target) return null;
  const left = source.pos[0] + sizeOf(source).width + GAP;
  const pos: Point = [left, target.pos[1]];
  const added = addBlock(document, { ...block, pos }, floor);
  const fresh = blockOf(added.document, added.id) as Block;
  const room = target.pos[0] - (left + sizeOf(fresh).width + GAP);
  const isForward = target.pos[0] > source.pos[0];
  const shifted =
    isForward && room < 0
      ? moveBlocks(
          added.document,
          new Map(
            document.blocks
              .filter(({ pos: [x], id }) => x >= target.pos[0] && id !== source.id)
              .map(({ id, pos: [x, y] }) => [id, [x - room, y]]),
          ),
        )
      : added.document;
  const [exit] = exitsOf(fresh);
  const joined = connect(shifted, from, added.id);
  return { document: exit ? connect(joined, [added.id, exit.id], edge.to) : joined, id: added.id };
}
