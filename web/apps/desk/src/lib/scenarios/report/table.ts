import { edgeFrom, shownExits } from '@otklik/flow';
import { exitName, titleOf } from '../words';
import type { Numbers, Report } from './report.svelte';

export interface Row extends Numbers {
  id: string;
  title: string;
  ways: { id: string; name: string; count: number }[];
  /** Of a version that is not shown. */
  isOlder: boolean;
}

const NONE: Numbers = { visits: 0, runs: 0, exits: {}, incorrect: 0, waiting: 0, ended: 0 };

/** The report as rows: the blocks of the scheme in its order, then those of other versions. */
export function rowsOf(report: Report): Row[] {
  const { document } = report;
  const shown = document.blocks.map((block) => {
    const numbers = report.blocks[block.id] ?? NONE;
    const isLed = (exit: string) => edgeFrom(document, block.id, exit) !== undefined;
    const known = shownExits(block, (exit) => isLed(exit) || (numbers.exits[exit] ?? 0) > 0);
    const ways = known.map((exit) => ({
      id: exit.id,
      name: exitName(exit),
      count: numbers.exits[exit.id] ?? 0,
    }));
    const others = Object.entries(numbers.exits).filter(([id]) => !known.some((exit) => exit.id === id));
    const more = others.map(([id, count]) => ({ id, name: id, count }));
    return { ...numbers, id: block.id, title: titleOf(block), ways: [...ways, ...more], isOlder: false };
  });
  const older = report.older_blocks.map((id) => {
    const numbers = report.blocks[id] ?? NONE;
    const ways = Object.entries(numbers.exits).map(([exit, count]) => ({ id: exit, name: exit, count }));
    return { ...numbers, id, title: id, ways, isOlder: true };
  });
  return [...shown, ...older];
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
