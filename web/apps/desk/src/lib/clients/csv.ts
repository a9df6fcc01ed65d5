/** Enough of a table to choose columns by: the server reads the whole file itself. */
export interface TableHead {
  header: string[];
  rows: string[][];
}

export type Encoding = 'utf-8' | 'windows-1251';

const HEAD_BYTES = 256 * 1024;
const DELIMITERS = [',', ';', '\t'];

/** Null when the bytes are not text of any encoding we read. */
export async function readHead(file: Blob): Promise<{ text: string; encoding: Encoding } | null> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  if (bytes.includes(0)) return null;
  try {
    // `stream` keeps a letter cut in two at the end from looking like a fault.
    return {
      text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true }),
      encoding: 'utf-8',
    };
  } catch {
    return { text: new TextDecoder('windows-1251').decode(bytes), encoding: 'windows-1251' };
  }
}

/** The header and the first rows; quotes may hold delimiters, breaks and doubled quotes. */
export function parseHead(text: string, rows: number): TableHead {
  const records = parse(text.replace(/^\uFEFF/, ''), rows + 1);
  const [header = [], ...rest] = records;
  return { header: header.map((name) => name.trim()), rows: rest };
}

/** Every row of a table, or of a list with one value a line, the empty ones among them. */
export const parseTable = (text: string): string[][] => parse(text.replace(/^\uFEFF/, ''), Infinity, true);

function parse(text: string, limit: number, hasEmpty = false): string[][] {
  const delimiter = delimiterOf(text);
  const records: string[][] = [];
  let [record, cell, isQuoted] = [[] as string[], '', false];
  const endRecord = () => {
    record.push(cell);
    if (hasEmpty || record.length > 1 || record[0] !== '') records.push(record);
    [record, cell] = [[], ''];
  };
  for (let i = 0; i < text.length && records.length < limit; i += 1) {
    const letter = text[i];
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell === '') isQuoted = true;
    else if (letter === delimiter) {
      record.push(cell);
      cell = '';
    } else if (letter === '\n') endRecord();
    else if (letter !== '\r') cell += letter;
  }
  if (records.length < limit && (cell !== '' || record.length > 0)) endRecord();
  return records;
}

/** As the server chooses: the most frequent in the header, outside quotes. */
function delimiterOf(text: string): string {
  const header = text.split('\n', 1)[0]?.replace(/"[^"]*"/g, '') ?? '';
  const count = (delimiter: string) => header.split(delimiter).length;
  return DELIMITERS.reduce((best, next) => (count(next) > count(best) ? next : best));
}
