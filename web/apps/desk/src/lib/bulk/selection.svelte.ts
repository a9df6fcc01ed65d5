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

  /** Whether a row is picked: all of its conversations are. */
  hasAll(row: readonly string[]): boolean {
    return row.every((id) => this.ids.has(id));
  }

  /** Picks a row, which is all of its conversations, or lets it go. */
  toggle(row: readonly string[]) {
    if (this.hasAll(row)) row.forEach((id) => this.ids.delete(id));
    else this.add(row);
    this.anchor = row[0] ?? null;
  }

  /** Picks everything between the row that was picked last and this one, in the order of the list. */
  extend(row: readonly string[], listed: readonly (readonly string[])[]) {
    const [anchor, first] = [this.anchor, row[0] ?? ''];
    const from = anchor === null ? -1 : listed.findIndex((ids) => ids.includes(anchor));
    const to = listed.findIndex((ids) => ids.includes(first));
    if (from < 0 || to < 0) return this.toggle(row);
    for (const one of listed.slice(Math.min(from, to), Math.max(from, to) + 1)) this.add(one);
    this.anchor = first;
  }

  /** Rows that are no longer listed cannot be seen, so they are not changed either; one that has grown is picked with what came. */
  keep(listed: readonly (readonly string[])[]) {
    const known = new Set(listed.flat());
    for (const id of [...this.ids]) if (!known.has(id)) this.ids.delete(id);
    for (const row of listed) {
      const isPartly = row.some((id) => this.ids.has(id)) && !this.hasAll(row);
      if (isPartly && !this.add(row)) row.forEach((id) => this.ids.delete(id));
    }
  }

  clear() {
    this.ids.clear();
    this.isPicking = false;
    this.anchor = null;
  }

  /** Whole rows only; false where it would be one too many. */
  private add(row: readonly string[]): boolean {
    const missing = row.filter((id) => !this.ids.has(id));
    if (this.ids.size + missing.length > MOST) return false;
    missing.forEach((id) => this.ids.add(id));
    return true;
  }
}

export const selection = new Selection();
