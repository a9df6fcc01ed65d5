import { SvelteSet } from 'svelte/reactivity';

/** As many as one request takes. */
export const MOST = 100;

/** Rows of the list that are picked to be changed together. */
class Selection {
  readonly ids = new SvelteSet<string>();
  /** Boxes are shown without a pointer over the row: for fingers, and for whoever begins with the button. */
  isPicking = $state(false);
  /** Where a range begins. */
  private anchor: string | null = null;

  get size(): number {
    return this.ids.size;
  }
  get isFull(): boolean {
    return this.ids.size >= MOST;
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }

  toggle(id: string) {
    if (!this.ids.delete(id) && !this.isFull) this.ids.add(id);
    this.anchor = id;
  }

  /** Picks everything between the row that was picked last and this one, in the order of the list. */
  extend(id: string, listed: readonly string[]) {
    const from = this.anchor === null ? -1 : listed.indexOf(this.anchor);
    const to = listed.indexOf(id);
    if (from < 0 || to < 0) return this.toggle(id);
    for (const one of listed.slice(Math.min(from, to), Math.max(from, to) + 1))
      if (!this.isFull) this.ids.add(one);
    this.anchor = id;
  }

  /** Rows that are no longer listed cannot be seen, so they are not changed either. */
  keep(listed: readonly string[]) {
    const known = new Set(listed);
    for (const id of [...this.ids]) if (!known.has(id)) this.ids.delete(id);
  }

  clear() {
    this.ids.clear();
    this.isPicking = false;
    this.anchor = null;
  }
}

export const selection = new Selection();
