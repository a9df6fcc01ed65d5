/** Storage of the site, or a plain object where the browser refuses it. */
export type Store = Record<string, string>;

/** One thing in the storage; what somebody else wrote there, or an older version, is nothing. */
export class Kept<T extends object> {
  /** What a full storage did not take, for this page. */
  #unkept: T | null = null;
  /** What was read last, and of what: a moment reads the same as the one before. */
  #last: { text?: string; read?: T | null } = {};

  constructor(
    private readonly store: Store,
    private readonly name: string,
    private readonly isOne: (read: Partial<T>) => unknown,
  ) {}

  read(): T | null {
    if (this.#unkept) return this.#unkept;
    const text = this.store[this.name] ?? 'null';
    if (this.#last.text !== text) this.#last = { text, read: this.#parse(text) };
    return this.#last.read!;
  }

  #parse(text: string): T | null {
    try {
      const read = JSON.parse(text) as Partial<T> | null;
      return read && this.isOne(read) ? (read as T) : null;
    } catch {
      return null;
    }
  }

  write(value: T) {
    try {
      const text = JSON.stringify(value);
      this.store[this.name] = text;
      this.#last = { text, read: value };
      this.#unkept = null;
    } catch {
      this.#unkept = value;
    }
  }

  forget() {
    this.#unkept = null;
    delete this.store[this.name];
  }
}
