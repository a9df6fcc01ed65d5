/** White space folded to single spaces. Both languages mean the same by white space: JavaScript's, and U+0085. */
export const spaces = (text: string): string => text.replace(/[\s\x85]+/g, ' ').trim();

/** The text that is compared: without case, NFC, white space folded (`text.rs`). */
export function fold(text: string): string {
  const spaced = spaces(text);
  if (/^[\0-\x7f]*$/.test(spaced)) return spaced.toLowerCase();
  // Full case folding: lower, upper, lower. The dotless i is a letter of its own, and a sigma is one wherever it stands.
  const folded = spaced
    .normalize()
    .split('ı')
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase().replace(/ς/g, 'σ'))
    .join('ı');
  return folded.normalize();
}

/** Whether the whole text is these pieces with anything between them. */
export function like(text: string, pieces: string[]): boolean {
  const [first = ''] = pieces;
  const end = pieces.length - 1;
  if (end < 1) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (let number = 1; number < end; number++) {
    const found = text.indexOf(pieces[number]!, at);
    if (found < 0) return false;
    at = found + pieces[number]!.length;
  }
  const last = pieces[end]!;
  return text.length - last.length >= at && text.endsWith(last);
}
