/** The table of blocks: where each stands in the palette, how it looks, what it begins with and where it leads. */

import type { Block, BlockType, FieldOp, Hours, Rule, SettingsOf } from './document';

export type Group = 'talk' | 'logic' | 'data' | 'people' | 'end';

/** What a palette offers. Some are one type with different settings. */
export type Kind = BlockType | 'buttons' | 'rating' | 'check_field';

export interface KindInfo {
  type: BlockType;
  group: Group;
  /** A name of Lucide. */
  icon: string;
}

export const kinds: Record<Kind, KindInfo> = {
  message: { type: 'message', group: 'talk', icon: 'message-square-text' },
  buttons: { type: 'message', group: 'talk', icon: 'mouse-pointer-click' },
  rating: { type: 'message', group: 'talk', icon: 'star' },
  check_field: { type: 'condition', group: 'logic', icon: 'text-cursor-input' },
  condition: { type: 'condition', group: 'logic', icon: 'split' },
  delay: { type: 'delay', group: 'logic', icon: 'hourglass' },
  split: { type: 'split', group: 'logic', icon: 'percent' },
  jump: { type: 'jump', group: 'logic', icon: 'corner-down-right' },
  call: { type: 'call', group: 'logic', icon: 'forward' },
  set: { type: 'set', group: 'data', icon: 'pen-line' },
  tag: { type: 'tag', group: 'data', icon: 'tag' },
  subscribe: { type: 'subscribe', group: 'data', icon: 'megaphone' },
  note: { type: 'note', group: 'data', icon: 'sticky-note' },
  http: { type: 'http', group: 'data', icon: 'webhook' },
  external: { type: 'external', group: 'data', icon: 'plug-zap' },
  transfer: { type: 'transfer', group: 'people', icon: 'headset' },
  assign: { type: 'assign', group: 'people', icon: 'user-round-check' },
  notify: { type: 'notify', group: 'people', icon: 'bell-ring' },
  close: { type: 'close', group: 'end', icon: 'circle-check' },
  end: { type: 'end', group: 'end', icon: 'flag' },
};

export const groups: Group[] = ['talk', 'logic', 'data', 'people', 'end'];
export const kindsOf = (group: Group): Kind[] =>
  (Object.keys(kinds) as Kind[]).filter((kind) => kinds[kind].group === group);

const types = new Set<string>(Object.values(kinds).map(({ type }) => type));
export const isBlockType = (type: string): type is BlockType => types.has(type);

/** Words that stand in a block from the start, in the language of whoever adds it. */
export interface StartWords {
  button: (number: number) => string;
  rating: string;
}

/** The settings that a new block begins with. */
export function defaultsOf(kind: Kind, words: StartWords): SettingsOf[BlockType] {
  switch (kind) {
    case 'message':
      return { text: '' };
    case 'buttons':
      return {
        text: '',
        buttons: [1, 2].map((number) => ({ id: `k${number}`, label: words.button(number) })),
      };
    case 'rating':
      return {
        text: words.rating,
        buttons: [5, 4, 3, 2, 1].map((mark) => ({ id: `m${mark}`, label: String(mark) })),
        wait: { expect: 'choice' },
      };
    case 'check_field':
      return { branches: [{ id: 'filled', all: [{ field: '', op: 'filled' }] }] };
    case 'condition':
      return { branches: [{ id: 'c1', all: [{ field: '', op: 'eq', value: '' }] }] };
    case 'delay':
      return { for: 'PT10M' };
    case 'split':
      return { variants: ['a', 'b'].map((id) => ({ id, percent: 50 })) };
    case 'jump':
      return { target: '' };
    case 'call':
      return { scenario: '' };
    case 'set':
      return { field: '', value: '' };
    case 'tag':
      return { add: [] };
    case 'subscribe':
      return { mailings: true };
    case 'note':
    case 'notify':
      return { text: '' };
    case 'http':
      return { request: '', method: 'GET', url: '' };
    case 'external':
      return { url: '', exits: [{ id: 'done' }] };
    case 'transfer':
      return { to: null };
    case 'assign':
      return { to: '' };
    case 'close':
    case 'end':
      return {};
  }
}

/** As what a block is drawn: a check of one field is a condition to the engine, and a block of its own to a person. */
export function kindOf(block: Block): Kind {
  if (block.type === 'message') {
    const buttons = replyButtons(block);
    if (buttons.length === 5 && buttons.every(({ label }, index) => label === String(5 - index)))
      return 'rating';
    return buttons.length > 0 ? 'buttons' : 'message';
  }
  return block.type === 'condition' && checkedField(block) !== null ? 'check_field' : block.type;
}

/** The field whose presence is all that a condition asks for; null where it asks for more. */
export function checkedField(block: Block<'condition'>): string | null {
  const [branch, ...more] = block.settings.branches ?? [];
  const [rule, ...rules] = branch?.all ?? [];
  if (branch?.id !== 'filled' || more.length > 0 || rules.length > 0 || !rule) return null;
  return isFieldRule(rule) && rule.op === 'filled' ? rule.field : null;
}

export const isFieldRule = (rule: Rule): rule is Extract<Rule, { field: string }> => 'field' in rule;

export const fieldOps: FieldOp[] = ['filled', 'empty', 'eq', 'contains', 'gt', 'lt', 'pattern'];

/** Whether a comparison needs something to compare with. */
export const needsValue = (rule: Rule): boolean =>
  isFieldRule(rule) ? !['filled', 'empty'].includes(rule.op) : ['tag', 'channel'].includes(rule.test);

/** Working hours until somebody says otherwise. Monday is 1. */
export const usualHours = (): Hours => ({ days: [1, 2, 3, 4, 5], from: '09:00', to: '18:00' });

/** Buttons that answer, be it with the client's own phone. */
export const replyButtons = (block: Block<'message'>) =>
  (block.settings.buttons ?? []).filter(({ kind }) => kind !== 'link');

/** True where the client is asked and the run stands still. */
export const isWaiting = (block: Block): block is Block<'message'> =>
  block.type === 'message' && (block.settings.wait !== undefined || replyButtons(block).length > 0);

export type ExitKind =
  | 'next'
  | 'correct'
  | 'incorrect'
  | 'timeout'
  | 'undelivered'
  | 'button'
  | 'branch'
  | 'filled'
  | 'not_filled'
  | 'else'
  | 'replied'
  | 'success'
  | 'error'
  | 'code'
  | 'no_operator'
  | 'variant'
  | 'returned'
  | 'launch';

export interface Exit {
  id: string;
  kind: ExitKind;
  /** What its author calls it; where there is nothing, `number` does. */
  label?: string;
  number?: number;
  /** With a timeout: after how long. */
  after?: string;
  /** Seldom used: drawn only where it leads somewhere. */
  quiet?: boolean;
}

const named = (kind: ExitKind, items: readonly { id: string; title?: string }[]): Exit[] =>
  items.map(({ id, title }, index) => ({ id, kind, label: title, number: index + 1 }));
const plain = (...exits: ExitKind[]): Exit[] => exits.map((kind) => ({ id: kind, kind }));
const UNDELIVERED: Exit = { id: 'undelivered', kind: 'undelivered', quiet: true };

/** Where a block may lead, from its settings. */
export function exitsOf(block: Block): Exit[] {
  switch (block.type) {
    case 'message':
      return isWaiting(block) ? exitsOfQuestion(block) : [...plain('next'), UNDELIVERED];
    case 'condition':
      if (checkedField(block) !== null)
        return [
          { id: 'filled', kind: 'filled' },
          { id: 'else', kind: 'not_filled' },
        ];
      return [...named('branch', block.settings.branches ?? []), ...plain('else')];
    case 'delay':
      return block.settings.cancel_on_reply ? plain('next', 'replied') : plain('next');
    case 'http':
      return plain('success', 'error');
    case 'external':
      return [
        ...named('code', block.settings.exits ?? []),
        ...plain('error'),
        ...timeoutOf(block.settings.timeout),
      ];
    case 'transfer':
      return [...plain('no_operator'), ...timeoutOf(block.settings.timeout)];
    case 'split':
      return (block.settings.variants ?? []).map(({ id, title, percent }, index) => ({
        id,
        kind: 'variant',
        label: title ? `${title}, ${percent} %` : undefined,
        number: index + 1,
        after: `${percent}`,
      }));
    case 'call':
      return plain('returned');
    case 'jump':
    case 'close':
    case 'end':
      return [];
    default:
      return plain('next');
  }
}

function exitsOfQuestion(block: Block<'message'>): Exit[] {
  const buttons = replyButtons(block);
  const { wait } = block.settings;
  return [
    // With buttons alone every answer that fits has an exit of its own.
    { id: 'correct', kind: 'correct', quiet: buttons.length > 0 && (!wait || wait.expect === 'choice') },
    ...buttons.map(({ id, label }, index): Exit => ({
      id: `button:${id}`,
      kind: 'button',
      label,
      number: index + 1,
    })),
    { id: 'incorrect', kind: 'incorrect', quiet: wait?.on_incorrect !== 'exit' },
    ...timeoutOf(wait?.timeout),
    UNDELIVERED,
  ];
}

const timeoutOf = (after: string | undefined): Exit[] =>
  after ? [{ id: 'timeout', kind: 'timeout', after }] : [];

/** The exits that a card shows: all but the seldom ones that lead nowhere. */
export const shownExits = (block: Block, isConnected: (exit: string) => boolean): Exit[] =>
  exitsOf(block).filter((exit) => !exit.quiet || isConnected(exit.id));
