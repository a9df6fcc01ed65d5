/** A piece of a line. */
export interface Piece {
  kind: 'text' | 'bold' | 'code' | 'link';
  text: string;
  href?: string;
}

/** A part of a page: a heading and a paragraph have one line, a list has one for each entry. */
export interface Block {
  kind: 'title' | 'heading' | 'text' | 'list' | 'steps';
  lines: Piece[][];
}

const MARKS = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** As much of Markdown as a help page needs: headings, paragraphs, lists, bold, code and links. */
export function blocksOf(markdown: string): Block[] {
  const paragraphs = markdown.trim().split(/\n{2,}/);
  return paragraphs.map((paragraph) => {
    const lines = paragraph.split('\n');
    const first = lines[0] ?? '';
    if (first.startsWith('# ')) return { kind: 'title', lines: [piecesOf(first.slice(2))] };
    if (first.startsWith('## ')) return { kind: 'heading', lines: [piecesOf(first.slice(3))] };
    if (first.startsWith('- ')) return { kind: 'list', lines: entriesOf(lines, /^- /) };
    if (/^\d+\. /.test(first)) return { kind: 'steps', lines: entriesOf(lines, /^\d+\. /) };
    return { kind: 'text', lines: [piecesOf(lines.join(' '))] };
  });
}

function entriesOf(lines: string[], mark: RegExp): Piece[][] {
  const entries: string[] = [];
  for (const line of lines) {
    if (mark.test(line)) entries.push(line.replace(mark, ''));
    else entries.push(`${entries.pop() ?? ''} ${line.trim()}`.trim());
  }
  return entries.map(piecesOf);
}

function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of line.matchAll(MARKS)) {
    const [whole, bold, code, text, href] = match;
    if (match.index > end) pieces.push({ kind: 'text', text: line.slice(end, match.index) });
    if (bold) pieces.push({ kind: 'bold', text: bold });
    else if (code) pieces.push({ kind: 'code', text: code });
    else pieces.push({ kind: 'link', text: text ?? '', href });
    end = match.index + whole.length;
  }
  if (end < line.length) pieces.push({ kind: 'text', text: line.slice(end) });
  return pieces;
}
