export interface Piece {
  text: string;
  found: boolean;
}

/** A text in pieces, found and other. The server counts in Unicode characters, a string in half of them at times: so it is taken apart first. */
export function pieces(text: string, marks: readonly (readonly number[])[]): Piece[] {
  const characters = [...text];
  const out: Piece[] = [];
  let at = 0;
  const add = (end: number, found: boolean) => {
    if (end > at) out.push({ text: characters.slice(at, end).join(''), found });
    at = Math.max(at, end);
  };
  for (const [from = 0, to = 0] of marks) {
    add(from, false);
    add(to, true);
  }
  add(characters.length, false);
  return out;
}
