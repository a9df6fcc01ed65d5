/** Storage of the site, or a plain object where the browser refuses it. */
export type Store = Record<string, string>;

/** One thing in the storage; what somebody else wrote there, or an older version, is nothing. */
export class Kept<T extends object> {
  /** What a full storage did not take, for this page. */
  #unkept: T | null = null;

  constructor(
    private readonly store: Store,
    private readonly name: string,
    private readonly isOne: (read: Partial<T>) => unknown,
  ) {}

  read(): T | null {
    if (this.#unkept) return this.#unkept;
    try {
      const read = JSON.parse(this.store[this.name] ?? '') as Partial<T> | null;
      return read && this.isOne(read) ? (read as T) : null;
    } catch {
      return null;
    }
  }

  write(value: T) {
    try {
      this.store[this.name] = JSON.stringify(value);
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
