import { edgeFrom, exitsOf, shownExits, type Block, type FlowDocument } from '@otklik/flow';
import type { CardWay } from '../canvas/CardFrame.svelte';
import { exitName, lostExitName, titleOf } from '../words';
import type { Numbers, Report } from './report.svelte';

export interface RowWay extends CardWay {
  count: number;
}

export interface Row extends Numbers {
  id: string;
  title: string;
  ways: RowWay[];
  isMessage: boolean;
  /** Of a version that is not shown. */
  isOlder: boolean;
}

const NONE: Numbers = { visits: 0, runs: 0, exits: {}, incorrect: 0, waiting: 0, ended: 0 };

/** The report as rows: the blocks of the scheme in its order, then those of other versions. */
export function rowsOf(report: Report, older: ReadonlyMap<string, Block> = new Map()): Row[] {
  const { document, blocks } = report;
  const rowOf = (id: string, block: Block | undefined, isOlder: boolean): Row => {
    const numbers = blocks[id] ?? NONE;
    return {
      ...numbers,
      id,
      title: block ? titleOf(block) : id,
      ways: block ? waysOf(block, numbers, isOlder ? null : document) : namelessWays(numbers, []),
      isMessage: block?.type === 'message',
      isOlder,
    };
  };
  return [
    ...document.blocks.map((block) => rowOf(block.id, block, false)),
    ...report.older_blocks.map((id) => rowOf(id, older.get(id), true)),
  ];
}

/** Every exit that leads somewhere or was taken, and those that other versions had. */
function waysOf(block: Block, numbers: Numbers, document: FlowDocument | null): RowWay[] {
  const isTaken = (exit: string) => (numbers.exits[exit] ?? 0) > 0;
  const isLed = (exit: string) => document !== null && edgeFrom(document, block.id, exit) !== undefined;
  const shown = document
    ? shownExits(block, (exit) => isLed(exit) || isTaken(exit))
    : exitsOf(block).filter(({ id }) => isTaken(id));
  const ways = shown.map((exit) => ({
    id: exit.id,
    name: exitName(exit),
    isOdd: exit.kind === 'incorrect' || exit.kind === 'error',
    count: numbers.exits[exit.id] ?? 0,
  }));
  return [...ways, ...namelessWays(numbers, ways)];
}

const namelessWays = (numbers: Numbers, known: readonly RowWay[]): RowWay[] =>
  Object.entries(numbers.exits)
    .filter(([id]) => !known.some((way) => way.id === id))
    .map(([id, count]) => ({ id, name: lostExitName(id), count }));

/** The message in which the largest part of those who came ended: they took no exit and wait no more. Null where nobody did. */
export function worstDrop(rows: readonly Row[]): Row | null {
  const left = rows.filter(({ isMessage, ended }) => isMessage && ended > 0);
  const share = ({ ended, visits }: Row) => ended / visits;
  return left.toSorted((a, b) => share(b) - share(a) || b.ended - a.ended)[0] ?? null;
}

/** The rows as CSV that spreadsheets read: one line a way out of a block. */
export function csvOf(rows: readonly Row[], head: readonly string[]): string {
  const cell = (value: string | number) => `"${String(value).replaceAll('"', '""')}"`;
  // What a spreadsheet would take for a formula stays text.
  const text = (value: string) => cell(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
  const lines = rows.flatMap((row) => {
    const first = [text(row.title), cell(row.visits), cell(row.runs), cell(row.incorrect)];
    const last = [cell(row.waiting), cell(row.ended)];
    const ways = row.ways.length > 0 ? row.ways : [{ name: '', count: 0 }];
    return ways.map((way) => [...first, ...last, text(way.name), cell(way.count)].join(','));
  });
  return `\uFEFF${[head.map(cell).join(','), ...lines].join('\r\n')}\r\n`;
}
