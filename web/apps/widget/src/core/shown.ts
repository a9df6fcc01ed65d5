import type { View } from './view';

/** What the panel shows, and who hears of its changes. */
export class Shown {
  view!: View;
  readonly #listeners = new Set<() => void>();

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  show(change: Partial<View>) {
    if (!this.view) return;
    this.view = { ...this.view, ...change };
    for (const listener of this.#listeners) listener();
  }
}
