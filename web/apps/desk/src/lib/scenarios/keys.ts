/** The keys of the editor: by the letter where it is a Latin one, by the place of the key where it is not. */

export type KeyCommand =
  | 'undo'
  | 'redo'
  | 'duplicate'
  | 'delete'
  | 'all'
  | 'find'
  | 'tidy'
  | 'fit'
  | 'zoom_in'
  | 'zoom_out'
  | 'left'
  | 'right'
  | 'up'
  | 'down'
  | 'test'
  | 'save'
  | 'open'
  | 'escape';

type Key = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** `z` on every layout: QWERTZ by its letter, Cyrillic by its place. */
function letterOf({ key, code }: Key): string {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? '';
}

const WITH_CTRL: Record<string, KeyCommand> = { d: 'duplicate', a: 'all', f: 'find', s: 'save', y: 'redo' };
const NAMED: Record<string, KeyCommand> = {
  Delete: 'delete',
  Backspace: 'delete',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Enter: 'open',
  Escape: 'escape',
};

export function commandOf(event: Key): KeyCommand | null {
  if (event.altKey) return null;
  const letter = letterOf(event);
  if (event.ctrlKey || event.metaKey) {
    if (event.key === 'Enter') return 'test';
    if (letter === 'z') return event.shiftKey ? 'redo' : 'undo';
    return event.shiftKey ? null : (WITH_CTRL[letter] ?? null);
  }
  const named = NAMED[event.key];
  if (named) return event.shiftKey && named === 'delete' ? null : named;
  if (letter === 'l') return event.shiftKey ? 'tidy' : null;
  if (event.shiftKey && event.code !== 'Equal') return null;
  if (letter === 'f') return 'fit';
  if (event.key === '+' || event.key === '=') return 'zoom_in';
  return event.key === '-' ? 'zoom_out' : null;
}

/** What may be pressed while somebody types. */
export const isForFields = (command: KeyCommand): boolean => command === 'save' || command === 'test';

const EDITABLE = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest(EDITABLE) !== null;
