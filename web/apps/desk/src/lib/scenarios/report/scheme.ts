import { edgeId, type Block } from '@otklik/flow';
import type { Edge, Node } from '@xyflow/svelte';
import type { Report } from './report.svelte';
import type { Row } from './table';

export interface CardData extends Record<string, unknown> {
  row: Row;
  block: Block | undefined;
  isWide: boolean;
  onopen: (block: string, exit: string) => void;
}

/** The cards of the scheme with their numbers. */
export function cardsOf(
  report: Report,
  rows: readonly Row[],
  onopen: CardData['onopen'],
): Node<CardData, 'block'>[] {
  return report.document.blocks.flatMap((block) => {
    const row = rows.find(({ id }) => id === block.id);
    if (!row) return [];
    const data = { row, block, isWide: block.type === 'message', onopen };
    const [x, y] = block.pos;
    return [{ id: block.id, type: 'block' as const, position: { x, y }, data, focusable: false }];
  });
}

const WIDEST = 7;

/** The ways of the scheme: green where somebody went, the more the thicker; dashed where nobody did. */
export function waysOf(report: Report): Edge[] {
  const there = new Set(report.document.blocks.map(({ id }) => id));
  const passed = ([block, exit]: readonly [string, string]) => report.blocks[block]?.exits[exit] ?? 0;
  const most = Math.max(1, ...report.document.edges.map(({ from }) => passed(from)));
  return report.document.edges
    .filter(({ from, to }) => there.has(from[0]) && there.has(to))
    .map(({ from, to }) => {
      const width = 1.5 + (WIDEST - 1.5) * Math.sqrt(passed(from) / most);
      const style =
        passed(from) > 0
          ? `stroke: var(--ok-success-solid); stroke-width: ${width}`
          : 'stroke: var(--ok-line-field); stroke-dasharray: 4 4';
      return {
        id: edgeId({ from: [...from] }),
        type: 'smoothstep',
        source: from[0],
        sourceHandle: from[1],
        target: to,
        targetHandle: 'in',
        focusable: false,
        style,
      };
    });
}
