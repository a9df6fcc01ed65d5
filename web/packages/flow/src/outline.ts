/** Blocks as a list: each after the one that leads to it, for whoever has no use for a canvas. */

import type { Block, FlowDocument } from './document';
import { blockOf, edgeFrom } from './document';
import { exitsOf } from './blocks';

export interface OutlineRow {
  block: Block;
  /** How many blocks lead to it from the launch, the shortest way. */
  depth: number;
  isReached: boolean;
}

export function outline(document: FlowDocument): OutlineRow[] {
  const rows: OutlineRow[] = [];
  const seen = new Set<string>();
  const visit = (first: string, isReached: boolean) => {
    const open: { id: string; depth: number }[] = [{ id: first, depth: 0 }];
    while (open.length > 0) {
      const { id, depth } = open.pop() as { id: string; depth: number };
      const block = blockOf(document, id);
      if (!block || seen.has(id)) continue;
      seen.add(id);
      rows.push({ block, depth, isReached });
      const next = exitsOf(block).flatMap((exit) => edgeFrom(document, id, exit.id)?.to ?? []);
      if (block.type === 'jump') next.push(block.settings.target);
      // The first exit is read first.
      for (const to of next.reverse()) open.push({ id: to, depth: depth + 1 });
    }
  };
  for (const { to } of document.launch) visit(to, true);
  for (const { id } of document.blocks) visit(id, false);
  return rows;
}
