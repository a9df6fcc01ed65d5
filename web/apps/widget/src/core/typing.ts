const EVERY_MS = 1_500;
const FADES_MS = 6_000;

/** Typing both ways: ours is told now and then, theirs fades by itself. */
export class Typing {
  #sentAt = 0;
  #fadeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly tell: () => boolean,
    private readonly show: (name: string | null) => void,
  ) {}

  ours() {
    if (Date.now() - this.#sentAt < EVERY_MS) return;
    if (this.tell()) this.#sentAt = Date.now();
  }

  /** An empty name is somebody without one. */
  theirs(name: string, forMs = FADES_MS) {
    this.stop();
    this.#fadeTimer = setTimeout(() => this.show(null), forMs);
    this.show(name);
  }

  stop() {
    clearTimeout(this.#fadeTimer);
  }
}
