/** A field that a text prints, with what stands there when it is empty. */
export interface Placeholder {
  key: string;
  fallback: string;
}

const MARK = /\{\{\s*([\w.-]+)\s*(?:\|([^{}]*))?\}\}/g;

/** The fields that a text prints, each once. */
export function placeholdersOf(text: string): Placeholder[] {
  const found = new Map<string, string>();
  for (const [, key = '', fallback = ''] of text.matchAll(MARK))
    if (!found.get(key)) found.set(key, fallback.trim());
  return [...found].map(([key, fallback]) => ({ key, fallback }));
}

/** The same text with another default for a field; an empty one takes it away. */
export function withDefault(text: string, key: string, fallback: string): string {
  const plain = fallback.replace(/[{}|]/g, '');
  return text.replaceAll(MARK, (whole, name: string) =>
    name === key ? (plain.trim() ? `{{${key}|${plain}}}` : `{{${key}}}`) : whole,
  );
}

/** The text with the titles of its fields, for whoever reads it over. */
export const inTitles = (text: string, titleOf: (key: string) => string): string =>
  text.replaceAll(MARK, (_, key: string) => `{{${titleOf(key)}}}`);

/** A part of a text as a client sees it. */
export interface Part {
  text: string;
  kind: 'words' | 'value' | 'line';
}

const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What of a client's text are his values, and what was added below it; all of it are words where that cannot be told. */
export function partsOf(template: string, text: string): Part[] {
  const words = template.split(MARK).filter((_, index) => index % 3 === 0);
  const pattern = words.map((one) => `(${quoted(one)})`).join('([^]*?)');
  const match = new RegExp(`^${pattern}(?:\\n+([^]*))?$`).exec(text);
  if (!match) return [{ text, kind: 'words' }];
  const line = match.length - 1;
  return match
    .slice(1)
    .map<Part>((part, index) => ({
      text: part ?? '',
      kind: index + 1 === line ? 'line' : index % 2 === 0 ? 'words' : 'value',
    }))
    .filter((part) => part.text !== '');
}
