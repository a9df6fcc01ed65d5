/** Keys of commands: what is usual, what a person has chosen instead, and what a press of keys is called on any layout. */

export const COMMANDS = [
  'next',
  'previous',
  'reply',
  'note',
  'close',
  'assign',
  'snooze',
  'tag',
  'pick',
  'pick_range',
  'start_chat',
  'search',
  'go_inbox',
  'go_visitors',
  'go_sites',
  'channel1',
  'channel2',
  'channel3',
  'channel4',
  'card',
  'escape',
] as const;
export type Command = (typeof COMMANDS)[number];

/** Keys by command; one that is missing has the usual ones. */
export type Keys = Readonly<Record<string, readonly string[]>>;

export const USUAL: Record<Command, readonly string[]> = {
  next: ['KeyJ', 'Alt+KeyJ'],
  previous: ['KeyK', 'Alt+KeyK'],
  reply: ['KeyR', 'Alt+KeyL'],
  note: ['KeyN', 'Alt+KeyP'],
  close: ['KeyE', 'Alt+KeyE'],
  assign: ['KeyA'],
  snooze: ['KeyH', 'Alt+KeyM'],
  tag: ['KeyL'],
  pick: ['KeyX'],
  pick_range: ['Shift+KeyX'],
  start_chat: ['KeyC'],
  search: ['Slash'],
  go_inbox: ['KeyG KeyI'],
  go_visitors: ['KeyG KeyV'],
  go_sites: ['KeyG KeyS'],
  channel1: ['Alt+Digit1'],
  channel2: ['Alt+Digit2'],
  channel3: ['Alt+Digit3'],
  channel4: ['Alt+Digit4'],
  card: ['Alt+KeyO'],
  escape: ['Escape'],
};

/** The way out of everything is always the same key. */
export const FIXED: readonly Command[] = ['escape'];

type Press = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

const isMac = () => typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/**
 * What was pressed: `Alt+KeyJ`. By the letter where the key gives a Latin one, so that it is the letter that people read; by the key's
 * place where it does not (rulings 69). Null for a modifier alone and for what writes a sign with AltGr.
 */
export function pressOf(event: Press & { getModifierState?: (key: string) => boolean }): string | null {
  if (/^(Shift|Control|Alt|Meta|AltGraph|CapsLock|Dead)$/.test(event.key) || !event.code) return null;
  if (event.getModifierState?.('AltGraph')) return null;
  const letter = /^[a-z]$/i.test(event.key) ? `Key${event.key.toUpperCase()}` : event.code;
  const [mod, other] = isMac() ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  // The other of the two belongs to the system.
  if (other) return null;
  return [mod && 'Mod', event.altKey && 'Alt', event.shiftKey && 'Shift', letter].filter(Boolean).join('+');
}

/** Whether a key writes where somebody types: such ones act only where nobody does, and can be switched off. */
export const isSingle = (key: string) => key !== 'Escape' && !/(^|\+)(Mod|Alt)\+/.test(key);

/** What moves about the page, writes, or belongs to the browser. */
const TAKEN = new Set(
  [
    'Tab',
    'Enter',
    'NumpadEnter',
    'Space',
    'Escape',
    'Backspace',
    'Delete',
    'Home',
    'End',
    'PageUp',
    'PageDown',
  ]
    .concat(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'ContextMenu'])
    .concat([...'ACFKLNPRSTVWXZ'].map((letter) => `Mod+Key${letter}`))
    .concat(['Shift+Slash', 'Mod+Slash']),
);

/** Whether no command may have a key. */
export function isTaken(key: string): boolean {
  return key.split(' ').some((press) => TAKEN.has(press) || TAKEN.has(press.replace(/^Shift\+/, '')));
}

/** Keys of a command as they are now. */
export function keysOf(command: Command, own: Keys): readonly string[] {
  return FIXED.includes(command) ? USUAL[command] : (own[command] ?? USUAL[command]);
}

/** Whether two keys cannot stand beside each other: they are one, or one begins the other. */
const clash = (one: string, other: string) =>
  one === other || one.startsWith(`${other} `) || other.startsWith(`${one} `);

/** The command that has a key already, or one that it would hide. */
export function holderOf(key: string, command: Command, own: Keys): Command | null {
  const others = COMMANDS.filter((other) => other !== command);
  return others.find((other) => keysOf(other, own).some((held) => clash(held, key))) ?? null;
}

/** Commands by key: what a person chose goes before what is usual. */
export function bindings(own: Keys): Map<string, Command> {
  const found = new Map<string, Command>();
  const chosen = COMMANDS.filter((command) => command in own);
  for (const command of [...chosen, ...COMMANDS.filter((other) => !chosen.includes(other))]) {
    for (const key of keysOf(command, own)) {
      if (![...found.keys()].some((known) => clash(known, key))) found.set(key, command);
    }
  }
  return found;
}

/** Keys with one command's changed; as usual, they are not kept at all. */
export function withKeys(own: Keys, command: Command, keys: readonly string[]): Keys {
  const { [command]: _, ...others } = own;
  const isUsual = keys.join() === USUAL[command].join();
  return isUsual ? others : { ...others, [command]: keys };
}

const SIGNS: Record<string, string> = {
  Slash: '/',
  Backslash: '\\',
  Period: '.',
  Comma: ',',
  Semicolon: ';',
  Quote: "'",
  BracketLeft: '[',
  BracketRight: ']',
  Minus: '-',
  Equal: '=',
  Backquote: '`',
  Escape: 'Esc',
  Mod: 'Ctrl',
};

/** A key as it stands on the keyboard: `Alt+J`, `G I`. */
export function label(key: string): string {
  const part = (word: string) =>
    word === 'Mod' && isMac() ? '⌘' : (SIGNS[word] ?? word.replace(/^(Key|Digit)(?=.$)/, ''));
  const press = (word: string) => word.split('+').map(part).join('+');
  return key.split(' ').map(press).join(' ');
}
