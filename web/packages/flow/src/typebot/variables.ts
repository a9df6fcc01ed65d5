/** Variables of Typebot as variables of a run: `{{Lead score}}` becomes `{{var.lead_score}}`. */

import type { BotVariable } from './read';

const PREFIX = 'var.';
const NAMED = /\{\{([^{}]*)\}\}/g;
const LONGEST_KEY = 40;

export class Variables {
  private readonly byId = new Map<string, string>();
  private readonly byName = new Map<string, string>();
  private readonly taken = new Set<string>();

  constructor(variables: readonly BotVariable[]) {
    for (const { id, name } of variables) {
      const key = this.byName.get(name) ?? this.name(name || id);
      if (id) this.byId.set(id, key);
      if (name) this.byName.set(name, key);
    }
  }

  /** The key of a variable by its id; undefined for one that is not there. */
  key(id: string): string | undefined {
    return this.byId.get(id);
  }

  /** Names with their keys. */
  all(): [name: string, key: string][] {
    return [...this.byName];
  }

  /** A text with the keys of ours in it. Code in it cannot be run here, and goes. */
  text(text: string, tell: { unknown: (name: string) => void; code: () => void }): string {
    return text.replace(NAMED, (_, inner: string) => {
      const name = inner.trim();
      if (name.startsWith('=')) {
        tell.code();
        return '';
      }
      if (name === '') return '';
      const known = this.byName.get(name);
      if (known) return `{{${known}}}`;
      tell.unknown(name);
      const key = this.name(name);
      this.byName.set(name, key);
      return `{{${key}}}`;
    });
  }

  private name(name: string): string {
    const plain = name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '_')
      .replace(/^_+|_+$/g, '');
    const stem = PREFIX + ([...plain].slice(0, LONGEST_KEY).join('') || 'x');
    let key = stem;
    for (let number = 2; this.taken.has(key); number += 1) key = `${stem}_${number}`;
    this.taken.add(key);
    return key;
  }
}
