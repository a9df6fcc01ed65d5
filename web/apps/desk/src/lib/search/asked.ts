import type { Kind } from './contract';

/** What is looked for; it lives in the address, so that a link shows the same to a colleague. */
export interface Asked {
  q: string;
  kind: Kind | '';
  channel: string;
  /** Days by the reader's clock, both among them. */
  from: string;
  to: string;
  author: string;
  tag: string;
}

const NAMES = ['q', 'kind', 'channel', 'from', 'to', 'author', 'tag'] as const;
export const KINDS = ['contact', 'group', 'conversation', 'message'] as const satisfies readonly Kind[];
/** As it is when nobody has chosen anything but the words. */
export const NO_FILTER = { kind: '', channel: '', from: '', to: '', author: '', tag: '' } as const;

const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

export function readAsked(params: URLSearchParams): Asked {
  const own = (name: (typeof NAMES)[number]) => params.get(name) ?? '';
  const day = (name: 'from' | 'to') => (isDay(own(name)) ? own(name) : '');
  const kind = KINDS.find((known) => known === own('kind')) ?? '';
  return {
    q: own('q'),
    kind,
    channel: own('channel'),
    from: day('from'),
    to: day('to'),
    author: own('author'),
    tag: own('tag'),
  };
}

export function writeAsked(asked: Asked): string {
  const params = new URLSearchParams();
  for (const name of NAMES) if (asked[name]) params.set(name, asked[name]);
  const text = params.toString();
  return text ? `?${text}` : '';
}

export const isFiltered = (asked: Asked) => NAMES.some((name) => name !== 'q' && asked[name] !== '');

/** The beginning of a day on the reader's clock, so many days later. */
function dayAt(day: string, later: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(year, month - 1, date + later).toISOString();
}

/** As the server is asked. */
export function queryOf(asked: Asked, kinds: readonly Kind[]) {
  return {
    q: asked.q,
    kinds: kinds.join(','),
    channel: asked.channel || undefined,
    from: asked.from ? dayAt(asked.from, 0) : undefined,
    to: asked.to ? dayAt(asked.to, 1) : undefined,
    author: asked.author || undefined,
    tag: asked.tag || undefined,
  };
}
