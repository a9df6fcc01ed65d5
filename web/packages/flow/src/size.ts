/** How large a card is, as far as its settings tell: for the layout, the minimap and cards that are not drawn yet. */

import { isWaiting, shownExits } from './blocks';
import type { Block, FlowDocument, Point } from './document';
import { blockOf } from './document';

export interface Size {
  width: number;
  height: number;
}

/** In pixels; the card keeps to them, so that nobody needs to measure it. */
const EDGE = 1;
const HEAD = 38;
const ROW = 28;
const LINE = 16;
const BELOW_TEXT = 8;
const WIDE = 236;
const NARROW = 200;
const LETTERS_A_LINE = 28;
const PORT = 10;

/** Lines of its settings that a card shows under the title. */
export function previewLines(block: Block): 0 | 1 | 2 {
  if (block.type === 'message') return linesOf(block.settings.text ?? '');
  return (block.type === 'end' || block.type === 'close') && !block.settings.reason ? 0 : 1;
}

/** One or two, the second where the first may not hold it. */
export const linesOf = (text: string): 1 | 2 => (text.length > LETTERS_A_LINE ? 2 : 1);

const heightOf = (lines: number, hasWait: boolean, rows: number): number =>
  2 * EDGE +
  HEAD +
  (lines > 0 ? lines * LINE + BELOW_TEXT : 0) +
  (hasWait ? LINE + BELOW_TEXT : 0) +
  rows * ROW;

export function sizeOf(block: Block, isConnected: (exit: string) => boolean = () => false): Size {
  return {
    width: block.type === 'message' ? WIDE : NARROW,
    height: heightOf(previewLines(block), isWaiting(block), shownExits(block, isConnected).length),
  };
}

/** The card of the launches. */
export const startSize = (launches: string, exits: number): Size => ({
  width: 168,
  height: heightOf(launches.length > 20 ? 2 : 1, false, exits),
});

export interface Port extends Size {
  id: string;
  isEntry: boolean;
  x: number;
  y: number;
}

/** Where ways end and begin on a card: at its head, and at each of its rows. */
export function portsOf(size: Size, exits: readonly string[], hasEntry: boolean): Port[] {
  const at = (id: string, isEntry: boolean, x: number, y: number): Port => ({
    id,
    isEntry,
    x: x - PORT / 2,
    y: y - PORT / 2,
    width: PORT,
    height: PORT,
  });
  const first = size.height - EDGE - exits.length * ROW;
  return [
    ...(hasEntry ? [at('in', true, EDGE, EDGE + HEAD / 2)] : []),
    // A row begins with the line that parts it from the one above.
    ...exits.map((id, index) => at(id, false, size.width - EDGE, first + index * ROW + (ROW + EDGE) / 2)),
  ];
}

/** As most of them are. */
export const START_SIZE: Size = startSize('', 1);

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
