const PAUSE_MS = 200;

/** The first one is told at once, what comes in the pause after it together: a page may call in a loop. */
export class Throttle<T extends object> {
  #kept: T | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly join: (known: T, next: T) => T,
    private readonly tell: (all: T) => void,
  ) {}

  add(next: T) {
    this.#kept = this.#kept ? this.join(this.#kept, next) : next;
    if (!this.#timer) this.flush();
  }

  /** What follows must not overtake what waits. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const kept = this.#kept;
    if (!kept) return;
    this.#kept = null;
    this.#timer = setTimeout(() => this.flush(), PAUSE_MS);
    this.tell(kept);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
