/** Blocks in order, from left to right. */

import { exitsOf } from './blocks';
import { moveBlocks, snap } from './commands';
import { blockOf, edgeFrom } from './document';
import type { FlowDocument, Point } from './document';
import { START_SIZE, sizeOf } from './size';

const START = 'start';
const BELOW = 48;

const isLed = (document: FlowDocument, block: string) => (exit: string) =>
  edgeFrom(document, block, exit) !== undefined;

/** One step for the history. The library comes only when somebody asks for it. */
export async function tidy(document: FlowDocument): Promise<FlowDocument> {
  if (document.blocks.length === 0) return document;
  const { Graph, layout } = await import('@dagrejs/dagre');
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: BELOW, ranksep: 96, marginx: 32, marginy: 32 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const block of document.blocks)
    graph.setNode(block.id, { ...sizeOf(block, isLed(document, block.id)) });
  graph.setNode(START, { ...START_SIZE });
  for (const { to } of document.launch) if (graph.hasNode(to)) graph.setEdge(START, to, {}, START);
  for (const { from, to } of document.edges)
    if (graph.hasNode(from[0]) && graph.hasNode(to)) graph.setEdge(from[0], to, {}, from[1]);
  layout(graph);
  const place = (id: string): Point => {
    const { x, y, width, height } = graph.node(id) as { x: number; y: number; width: number; height: number };
    return snap([x - width / 2, y - height / 2]);
  };
  const places = new Map(document.blocks.map(({ id }) => [id, place(id)]));
  inOrderOfExits(document, places);
  const moved = moveBlocks(document, places);
  return { ...moved, start: place(START) };
}

/** Blocks that only one block leads to stand below each other as its exits do, where they stand together anyway. */
function inOrderOfExits(document: FlowDocument, places: Map<string, Point>) {
  const leads = new Map<string, Set<string>>();
  for (const { from, to } of document.edges) leads.set(to, (leads.get(to) ?? new Set()).add(from[0]));
  for (const block of document.blocks) {
    const targets = exitsOf(block).flatMap(({ id }) => edgeFrom(document, block.id, id)?.to ?? []);
    const own = [...new Set(targets)].filter((id) => leads.get(id)?.size === 1 && places.has(id));
    const x = own[0] && places.get(own[0])?.[0];
    const column = [...places].filter(([, place]) => place[0] === x).sort((a, b) => a[1][1] - b[1][1]);
    const first = column.findIndex(([id]) => own.includes(id));
    const group = column.slice(first, first + own.length);
    if (own.length < 2 || group.length < own.length || !group.every(([id]) => own.includes(id))) continue;
    let y = group[0]?.[1][1] ?? 0;
    for (const id of own) {
      const target = blockOf(document, id);
      places.set(id, [x as number, y]);
      if (target) y = snap([0, y + sizeOf(target, isLed(document, id)).height + BELOW])[1];
    }
  }
}
