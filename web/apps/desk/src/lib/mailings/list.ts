import { parseTable } from '$lib/clients/csv';

/** A value of a pasted list or of a table, with the line that it stands in. */
export interface ListRow {
  row: number;
  value: string;
}

/**
 * What a list names, one value a line: of a table the column that looks most like people. Empty lines and repeated values
 * are left out, line numbers stay those of the file.
 */
export function readList(text: string): ListRow[] {
  const rows = parseTable(text);
  const column = columnOf(rows);
  const seen = new Set<string>();
  return rows.flatMap((cells, index) => {
    const value = (cells[column] ?? '').trim();
    const key = value.toLocaleLowerCase();
    // A line of headings names nobody.
    if (!value || seen.has(key) || (index === 0 && rows.length > 1 && !namesSomebody(value))) return [];
    seen.add(key);
    return [{ row: index + 1, value }];
  });
}

const PATTERNS = [/^cnt_[0-9a-f]+$/i, /^[^@\s]+@[^@\s]+\.[^@\s]+$/, /^\+?[\d\s()-]{10,20}$/, /^@\w{3,}$/];
const namesSomebody = (value: string) => PATTERNS.some((pattern) => pattern.test(value.trim()));

function columnOf(rows: readonly string[][]): number {
  const width = Math.max(0, ...rows.map(({ length }) => length));
  const scores = Array.from(
    { length: width },
    (_, column) => rows.filter((cells) => namesSomebody(cells[column] ?? '')).length,
  );
  const best = Math.max(0, ...scores);
  return best === 0 ? 0 : scores.indexOf(best);
}
