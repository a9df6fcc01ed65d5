import { type Block, commonStart, edgeFrom, edgeId, exitsOf, startPlace } from '@otklik/flow';
import type { Edge, Node } from '@xyflow/svelte';
import { m } from '$lib/paraglide/messages';
import { saidAsBlock, startExits } from '../canvas/nodes';
import { START } from '../editor.svelte';
import type { Report } from './report.svelte';
import type { Row } from './table';

export interface CardData extends Record<string, unknown> {
  row: Row;
  /** The keyboard is here: its numbers are reached by Tab, those of others by the arrows. */
  isHere: boolean;
  isWorst: boolean;
  /** Its recipients are open. */
  isOpen: boolean;
}

export type CardNode = Node<CardData, 'block'>;
export type StartNode = Node<{ launches: number }, 'start'>;
export type ReportNode = CardNode | StartNode;

export interface Looks {
  here: string;
  worst: string | null;
  open: string | null;
}

/** The card of the launches, and the cards of the scheme with their numbers. */
export function cardsOf(report: Report, rows: readonly Row[], looks: Looks): ReportNode[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const [left, top] = startPlace(report.document);
  const stop = (id: string) => ({ ...saidAsBlock(), tabindex: id === looks.here ? 0 : -1 });
  const start: StartNode = {
    id: START,
    type: 'start',
    position: { x: left, y: top },
    data: { launches: report.launches },
    ariaLabel: m.rep_card({ title: m.scn_start(), count: report.launches }),
    domAttributes: stop(START),
  };
  const cards = report.document.blocks.flatMap((block): CardNode[] => {
    const row = byId.get(block.id);
    if (!row) return [];
    const [x, y] = block.pos;
    return [
      {
        id: block.id,
        type: 'block',
        position: { x, y },
        data: {
          row,
          isHere: looks.here === block.id,
          isWorst: looks.worst === block.id,
          isOpen: looks.open === block.id,
        },
        ariaLabel: m.rep_card({ title: row.title, count: row.visits }),
        domAttributes: stop(block.id),
      },
    ];
  });
  return [start, ...cards];
}

const THINNEST = 1.5;
const WIDEST = 5.5;

export type ReportWay = Edge<{ order: number }, 'way'>;

/** The ways of the scheme: green where somebody went, the more the thicker; dashed where nobody did. */
export function waysOf(report: Report): ReportWay[] {
  const { document } = report;
  const byId = new Map(document.blocks.map((block) => [block.id, block]));
  const passed = (from: readonly [string, string]) => passedBy(report, byId.get(from[0]), from);
  const most = Math.max(1, report.launches, ...document.edges.map(({ from }) => passed(from)));
  const wayOf = (
    from: readonly [string, string],
    to: string,
    order: number,
    count: number | null,
  ): ReportWay => ({
    id: edgeId({ from: [...from] }),
    type: 'way',
    source: from[0],
    sourceHandle: from[1],
    target: to,
    targetHandle: 'in',
    focusable: false,
    // What it would say stands in the rows of the card.
    domAttributes: { 'aria-hidden': true },
    style: styleOf(count, most),
    data: { order },
  });
  const isCommon = commonStart(document) !== null;
  const starts = startExits(document).flatMap(({ id }, index) => {
    const to = document.launch[index]?.to;
    // How many came by each of several launches is told by the filter alone.
    return to ? [wayOf([START, id], to, index, isCommon ? report.launches : null)] : [];
  });
  const ways = document.edges.map(({ from, to }) => {
    const block = byId.get(from[0]);
    const order = block ? exitsOf(block).findIndex(({ id }) => id === from[1]) : 0;
    return wayOf(from, to, Math.max(0, order), passed(from));
  });
  return [...starts, ...ways].filter(
    ({ source, target }) => (source === START || byId.has(source)) && byId.has(target),
  );
}

/** Who went along a way. A button that leads nowhere by itself goes the way of the right answer. */
function passedBy(
  { blocks, document }: Report,
  block: Block | undefined,
  [id, exit]: readonly [string, string],
) {
  const exits = blocks[id]?.exits ?? {};
  const own = exits[exit] ?? 0;
  if (!block || exit !== 'correct') return own;
  const loose = exitsOf(block).filter(
    (one) => one.kind === 'button' && edgeFrom(document, id, one.id) === undefined,
  );
  return own + loose.reduce((sum, one) => sum + (exits[one.id] ?? 0), 0);
}

function styleOf(count: number | null, most: number): string {
  if (count === null) return `stroke: var(--ok-line-field); stroke-width: ${THINNEST}`;
  if (count === 0) return 'stroke: var(--ok-line-field); stroke-dasharray: 4 4';
  const width = THINNEST + (WIDEST - THINNEST) * Math.sqrt(count / most);
  return `stroke: var(--ok-success-solid); stroke-width: ${width}`;
}

export interface Spot {
  id: string;
  x: number;
  y: number;
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
/** How much worse it is to lie aside than to lie far ahead; what lies farther aside than that is on another side. */
const ASIDE = 2;

/** The card that an arrow key leads to: the nearest on that side. */
export function neighbour(spots: readonly Spot[], from: string, key: string): string | null {
  const here = spots.find(({ id }) => id === from);
  const step = STEPS[key];
  if (!here || !step) return null;
  const far = ({ x, y }: Spot) => {
    const [ahead, aside] = step[0]
      ? [(x - here.x) * step[0], y - here.y]
      : [(y - here.y) * step[1], x - here.x];
    return ahead > 0 && ASIDE * ahead >= Math.abs(aside) ? ahead + ASIDE * Math.abs(aside) : Infinity;
  };
  const [nearest] = spots.toSorted((a, b) => far(a) - far(b));
  return nearest && far(nearest) < Infinity ? nearest.id : null;
}
