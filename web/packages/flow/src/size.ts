/** How large a card is, as far as its settings tell: for the layout, the minimap and cards that are not drawn yet. */

import { isWaiting, shownExits } from './blocks';
import type { Block, FlowDocument, Point } from './document';
import { blockOf } from './document';

export interface Size {
  width: number;
  height: number;
}

const HEAD = 38;
const ROW = 28;
const PREVIEW_LINE = 16;
const PREVIEW_PAD = 10;
const WAIT = 22;
const WIDE = 236;
const NARROW = 200;
const LETTERS_A_LINE = 32;

export function sizeOf(block: Block, isConnected: (exit: string) => boolean = () => false): Size {
  const text = block.type === 'message' ? (block.settings.text ?? '') : '';
  const lines = text.length > LETTERS_A_LINE ? 2 : 1;
  const rows = shownExits(block, isConnected).length;
  const wait = isWaiting(block) ? WAIT : 0;
  return {
    width: block.type === 'message' ? WIDE : NARROW,
    height: HEAD + lines * PREVIEW_LINE + PREVIEW_PAD + wait + rows * ROW,
  };
}

export const START_SIZE: Size = { width: 168, height: 108 };

/** Where the card of the launches stands: where it was dragged to, or left of what it begins with. */
export function startPlace(document: FlowDocument): Point {
  if (document.start) return document.start;
  const first = document.launch.map(({ to }) => blockOf(document, to)).find(Boolean) ?? document.blocks[0];
  if (!first) return [0, 0];
  // Its exit stands at the height of the entry that it leads to.
  return [first.pos[0] - START_SIZE.width - 64, first.pos[1] - 48];
}

const APART = 24;

/** The nearest place at or below a point where a card lies on no other. */
export function freePlace(document: FlowDocument, [x, y]: Point, size: Size): Point {
  const isTaken = (top: number) =>
    document.blocks.some((block) => {
      const other = sizeOf(block);
      const [left, start] = block.pos;
      return (
        x < left + other.width + APART &&
        left < x + size.width + APART &&
        top < start + other.height + APART &&
        start < top + size.height + APART
      );
    });
  let top = y;
  while (isTaken(top)) top += APART;
  return [x, top];
}
