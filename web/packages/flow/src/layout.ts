/** Blocks in order, from left to right. */

import { snap } from './commands';
import { edgeFrom } from './document';
import type { FlowDocument, Point } from './document';
import { moveBlocks } from './commands';
import { START_SIZE, sizeOf } from './size';

const START = 'start';

/** One step for the history. The library comes only when somebody asks for it. */
export async function tidy(document: FlowDocument): Promise<FlowDocument> {
  if (document.blocks.length === 0) return document;
  const { Graph, layout } = await import('@dagrejs/dagre');
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 48, ranksep: 96, marginx: 32, marginy: 32 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const block of document.blocks)
    graph.setNode(block.id, { ...sizeOf(block, (exit) => edgeFrom(document, block.id, exit) !== undefined) });
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
  const moved = moveBlocks(document, places);
  return { ...moved, start: place(START) };
}
