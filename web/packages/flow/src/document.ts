/** A scenario as its editor holds it: the document of schema 1, and what every reader of one needs. */

export type Point = [number, number];

export type Expect = 'any' | 'text' | 'phone' | 'email' | 'number' | 'date' | 'file' | 'choice' | 'pattern';

export interface Wait {
  expect: Expect;
  save_to?: string;
  on_incorrect?: 'retry' | 'exit';
  error_text?: string;
  max_attempts?: number;
  timeout?: string;
  pattern?: string;
  min?: number;
  max?: number;
  collect?: string;
}

export interface MessageButton {
  id: string;
  label: string;
  kind?: 'reply' | 'link' | 'share_phone';
  url?: string;
}

export type FieldOp = 'filled' | 'empty' | 'eq' | 'contains' | 'gt' | 'lt' | 'pattern';
export type Test = 'tag' | 'channel' | 'hours' | 'operators' | 'new_client';
export interface Hours {
  days: number[];
  from: string;
  to: string;
}
export type Rule =
  | { field: string; op: FieldOp; value?: string }
  | { test: 'hours'; value: Hours }
  | { test: Exclude<Test, 'hours'>; value?: string };

export interface Branch {
  id: string;
  title?: string;
  all?: Rule[];
  any?: Rule[];
}

export interface Variant {
  id: string;
  percent: number;
  title?: string;
}

export interface NamedExit {
  id: string;
  title?: string;
}

/** What each type of block is told. */
export interface SettingsOf {
  message: {
    text?: string;
    files?: string[];
    buttons?: MessageButton[];
    typing?: string;
    variants?: Record<string, { text: string }>;
    wait?: Wait;
  };
  condition: { branches: Branch[] };
  delay: { for?: string; until?: string | { field: string }; cancel_on_reply?: boolean };
  set: { field: string; value: string | null; op?: 'set' | 'append' | 'add' };
  tag: { add?: string[]; remove?: string[] };
  subscribe: { mailings: boolean };
  note: { text: string };
  assign: { to: string };
  http: {
    request: string;
    method: string;
    url: string;
    headers?: Record<string, string>;
    body?: string;
    timeout?: string;
    retries?: number;
    save?: Record<string, string>;
  };
  external: { url: string; timeout?: string; exits?: NamedExit[] };
  transfer: { to?: string | null; text?: string; note?: string; timeout?: string };
  notify: { text: string; emails?: string[] };
  split: { variants: Variant[] };
  jump: { target: string };
  call: { scenario: string };
  close: { reason?: string };
  end: { reason?: string };
}

export type BlockType = keyof SettingsOf;

interface BlockOf<Type extends BlockType> {
  id: string;
  type: Type;
  title?: string;
  pos: Point;
  settings: SettingsOf[Type];
}

export type Block<Type extends BlockType = BlockType> = Type extends BlockType ? BlockOf<Type> : never;

export type LaunchKind =
  | 'menu_button'
  | 'suggest'
  | 'auto_action'
  | 'mailing'
  | 'keyword'
  | 'first_message'
  | 'field_changed'
  | 'api'
  | 'test';

export interface Launch {
  kind: LaunchKind;
  ref?: string;
  words?: string[];
  match?: 'whole' | 'words';
  /** The block that it begins with; empty while none is chosen. */
  to: string;
}

export interface Edge {
  from: [block: string, exit: string];
  to: string;
}

export interface FlowSettings {
  step_limit?: number;
  run_ttl?: string;
  on_operator?: 'stop' | 'pause';
  time_zone?: string;
}

export interface FlowDocument {
  schema: 1;
  id?: string;
  name?: string;
  version?: number;
  settings: FlowSettings;
  launch: Launch[];
  blocks: Block[];
  edges: Edge[];
  /** The number of the next block: an id is never given twice. */
  next?: number;
  /** Where the card of the launches was dragged to. */
  start?: Point;
}

/** A document with nothing in it but the way to start it. */
export const emptyDocument = (): FlowDocument => ({
  schema: 1,
  settings: {},
  launch: [],
  blocks: [],
  edges: [],
});

/** A document of the server as it is edited: a launch without a block begins with the first one, and says so. */
export function opened(document: FlowDocument): FlowDocument {
  const first = document.blocks?.[0]?.id ?? '';
  const launch = (document.launch ?? []).map((item) => ({ ...item, to: item.to ?? first }));
  const blocks = (document.blocks ?? []).map((block) => ({ ...block, pos: block.pos ?? [0, 0] }));
  return { ...emptyDocument(), ...document, launch, blocks };
}

export const blockOf = (document: FlowDocument, id: string): Block | undefined =>
  document.blocks.find((block) => block.id === id);

export const edgeFrom = (document: FlowDocument, block: string, exit: string): Edge | undefined =>
  document.edges.find(({ from }) => from[0] === block && from[1] === exit);

/** The edge as one word: an exit has one edge at most. */
export const edgeId = ({ from: [block, exit] }: Pick<Edge, 'from'>): string => `${block} ${exit}`;

/** The number that the next block gets; higher than every number there is or was. */
export function nextNumber(document: FlowDocument, floor = 1): number {
  const used = document.blocks.map(({ id }) => Number(/^b(\d+)$/.exec(id)?.[1] ?? 0));
  return Math.max(floor, document.next ?? 1, ...used.map((number) => number + 1));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isPoint = (value: unknown): value is Point =>
  Array.isArray(value) && value.length === 2 && value.every((part) => Number.isFinite(part));

/** A block that somebody else wrote, if it has the shape of one. */
export function readBlock(value: unknown, known: (type: string) => boolean): Block | null {
  if (!isRecord(value) || typeof value.id !== 'string' || typeof value.type !== 'string') return null;
  if (!known(value.type)) return null;
  return {
    id: value.id,
    type: value.type,
    ...(typeof value.title === 'string' && { title: value.title }),
    pos: isPoint(value.pos) ? value.pos : [0, 0],
    settings: isRecord(value.settings) ? value.settings : {},
  } as Block;
}

export function readEdge(value: unknown): Edge | null {
  if (!isRecord(value) || typeof value.to !== 'string' || !Array.isArray(value.from)) return null;
  const [block, exit] = value.from as unknown[];
  return typeof block === 'string' && typeof exit === 'string' ? { from: [block, exit], to: value.to } : null;
}

/** A document from a file, or null where it is none. What it says inside its blocks is for the server to judge. */
export function readDocument(text: string, known: (type: string) => boolean): FlowDocument | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || value.schema !== 1 || !Array.isArray(value.blocks)) return null;
  const blocks = value.blocks.map((block) => readBlock(block, known));
  const edges = (Array.isArray(value.edges) ? value.edges : []).map(readEdge);
  if (blocks.includes(null) || edges.includes(null)) return null;
  const launch = (Array.isArray(value.launch) ? value.launch : []).filter(
    (item) => isRecord(item) && typeof item.kind === 'string',
  ) as Launch[];
  return opened({
    schema: 1,
    ...(typeof value.name === 'string' && { name: value.name }),
    settings: isRecord(value.settings) ? value.settings : {},
    launch,
    blocks: blocks as Block[],
    edges: edges as Edge[],
    ...(typeof value.next === 'number' && { next: value.next }),
    ...(isPoint(value.start) && { start: value.start }),
  });
}
