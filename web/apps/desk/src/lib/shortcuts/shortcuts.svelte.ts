import type { SessionBody } from '@otklik/api';
import { SvelteMap } from 'svelte/reactivity';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { isCoveredBy } from '$lib/shared/covers';
import { bindings, isSingle, keysOf, label, pressOf, type Command, type Keys } from './keys';

export type { Command } from './keys';

type Handler = (command: Command) => boolean;

/** How long the first of two keys waits for the second. */
const SEQUENCE_MS = 1_000;
/** Where this browser kept the switch before the server did. */
const OLD_SWITCH = 'otklik.single_keys';

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

const isCovered = () => isCoveredBy('dialog', 'menu');

class Shortcuts {
  /** The list of keys. */
  open = $state(false);
  /** The quick jump. */
  palette = $state(false);
  /** The person's own keys, and the switch, as the server has them. */
  readonly own = $derived<Keys>(session.body?.shortcuts.keys ?? {});
  readonly singleKeys = $derived(session.body?.shortcuts.single_keys ?? true);
  private readonly bound = $derived(new SvelteMap(bindings(this.own)));
  private readonly handlers: Handler[] = [];
  private begun: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** The latest handler is asked first; one that answers true ends the search. */
  register(handler: Handler): () => void {
    this.handlers.push(handler);
    return () => {
      const index = this.handlers.indexOf(handler);
      if (index >= 0) this.handlers.splice(index, 1);
    };
  }

  listen(): () => void {
    const onkeydown = (event: KeyboardEvent) => this.press(event);
    addEventListener('keydown', onkeydown);
    void this.bringSwitchOver();
    return () => removeEventListener('keydown', onkeydown);
  }

  /** Keys of a command that act now, as they stand on the keyboard. */
  labels(command: Command): string[] {
    const keys = keysOf(command, this.own).filter((key) => this.singleKeys || !isSingle(key));
    return keys.filter((key) => this.bound.get(key) === command).map(label);
  }

  /** Keeps other keys; the server's answer is what counts from then on. */
  async save(keys: Keys, singleKeys = this.singleKeys) {
    const shortcuts = { single_keys: singleKeys, keys };
    session.keepShortcuts(await api.patch<SessionBody>('/me', { shortcuts }));
  }

  private press(event: KeyboardEvent) {
    if (event.isComposing) return;
    const press = pressOf(event);
    if (!press) return;
    if (press === 'Mod+KeyK') {
      event.preventDefault();
      if (this.palette || !isCovered()) this.palette = !this.palette;
      return;
    }
    // A popover that this very Escape has closed is no longer there to be seen.
    if (event.defaultPrevented || isCovered()) return this.forget();
    const mayBeSingle = this.singleKeys && !isTyping(event);
    // The "?" stands elsewhere on every layout.
    if (mayBeSingle && (event.key === '?' || press === 'Shift+Slash')) {
      event.preventDefault();
      this.open = true;
      return;
    }
    this.act(press, mayBeSingle, event);
  }

  private act(press: string, mayBeSingle: boolean, event: KeyboardEvent) {
    const key = this.begun ? `${this.begun} ${press}` : press;
    this.forget();
    const command = this.bound.get(key) ?? this.bound.get(press);
    if (command) {
      const has = this.bound.has(key) ? key : press;
      if (mayBeSingle || !isSingle(has)) this.run(command, event);
    } else if (mayBeSingle && [...this.bound.keys()].some((known) => known.startsWith(`${press} `))) {
      this.begun = press;
      this.timer = setTimeout(() => this.forget(), SEQUENCE_MS);
    }
  }

  private forget() {
    this.begun = null;
    clearTimeout(this.timer);
  }

  private run(command: Command, event: KeyboardEvent) {
    for (const handler of [...this.handlers].reverse()) {
      if (handler(command)) {
        event.preventDefault();
        return;
      }
    }
  }

  private async bringSwitchOver() {
    if (localStorage.getItem(OLD_SWITCH) !== 'off') return;
    await this.save(this.own, false).catch(() => {});
    localStorage.removeItem(OLD_SWITCH);
  }
}

export const shortcuts = new Shortcuts();
