import { tinykeys } from 'tinykeys';
import { prefs } from '$lib/shared/prefs.svelte';

export type Command =
  | 'next'
  | 'previous'
  | 'close'
  | 'reply'
  | 'note'
  | 'search'
  | 'card'
  | 'assign'
  | 'snooze'
  | 'pick'
  | 'pick_range'
  | 'start_chat'
  | 'escape'
  | 'go_inbox'
  | 'go_visitors'
  | 'go_sites'
  | 'channel1'
  | 'channel2'
  | 'channel3'
  | 'channel4';

type Handler = (command: Command) => boolean;

/** Physical keys (`event.code`): the letter under the finger is the same in the Russian layout. */
const SINGLE: Record<string, Command> = {
  KeyJ: 'next',
  KeyK: 'previous',
  KeyE: 'close',
  KeyR: 'reply',
  KeyN: 'note',
  KeyA: 'assign',
  KeyH: 'snooze',
  KeyX: 'pick',
  'Shift+KeyX': 'pick_range',
  KeyC: 'start_chat',
  Slash: 'search',
  'KeyG KeyI': 'go_inbox',
  'KeyG KeyV': 'go_visitors',
  'KeyG KeyS': 'go_sites',
};
const CHORDS: Record<string, Command> = {
  'Alt+KeyJ': 'next',
  'Alt+KeyK': 'previous',
  'Alt+KeyE': 'close',
  'Alt+KeyL': 'reply',
  'Alt+KeyP': 'note',
  'Alt+KeyM': 'snooze',
  'Alt+KeyO': 'card',
  'Alt+Digit1': 'channel1',
  'Alt+Digit2': 'channel2',
  'Alt+Digit3': 'channel3',
  'Alt+Digit4': 'channel4',
  Escape: 'escape',
};

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** An open menu or dialog has the keyboard for itself. */
function isCovered(): boolean {
  return document.querySelector('[role="dialog"], [role="menu"]') !== null;
}

class Shortcuts {
  /** The list of keys. */
  open = $state(false);
  /** The quick jump. */
  palette = $state(false);
  private readonly handlers: Handler[] = [];

  /** The latest handler is asked first; one that answers true ends the search. */
  register(handler: Handler): () => void {
    this.handlers.push(handler);
    return () => {
      const index = this.handlers.indexOf(handler);
      if (index >= 0) this.handlers.splice(index, 1);
    };
  }

  listen(): () => void {
    const bindings: Record<string, (event: KeyboardEvent) => void> = {};
    for (const [key, command] of Object.entries(CHORDS)) {
      bindings[key] = (event) => {
        // A popover that this very Escape has closed is no longer there to be seen.
        if (!event.defaultPrevented && !isCovered()) this.run(command, event);
      };
    }
    for (const [key, command] of Object.entries(SINGLE)) {
      bindings[key] = (event) => {
        if (prefs.singleKeys && !isTyping(event) && !isCovered()) this.run(command, event);
      };
    }
    bindings['$mod+KeyK'] = (event) => {
      event.preventDefault();
      if (this.palette || !isCovered()) this.palette = !this.palette;
    };
    bindings['Shift+Slash'] = (event) => {
      if (!prefs.singleKeys || isTyping(event) || isCovered()) return;
      event.preventDefault();
      this.open = true;
    };
    // The "?" of the Russian layout sits on the digit row.
    bindings['Shift+Digit7'] = (event) => {
      if (event.key === '?') bindings['Shift+Slash']?.(event);
    };
    return tinykeys(window, bindings);
  }

  private run(command: Command, event: KeyboardEvent) {
    for (const handler of [...this.handlers].reverse()) {
      if (handler(command)) {
        event.preventDefault();
        return;
      }
    }
  }
}

export const shortcuts = new Shortcuts();
