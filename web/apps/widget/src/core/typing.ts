const EVERY_MS = 1_500;
const FADES_MS = 6_000;
/** As long as a card's number, with or without gaps: nobody is shown one. */
const CARD = /(?:\d[ -]?){13,19}/;

/** Typing both ways: ours is told now and then, theirs fades by itself. */
export class Typing {
  #sentAt = 0;
  #text: string | undefined;
  #laterTimer: ReturnType<typeof setTimeout> | undefined;
  #fadeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly tell: (text?: string) => boolean,
    private readonly show: (name: string | null) => void,
    /** Operators may see the text before it is sent. */
    private readonly isPreviewed: boolean | undefined,
  ) {}

  ours(text: string) {
    if (!this.isPreviewed && !text.trim()) return;
    this.#text = this.isPreviewed && !CARD.test(text) ? text : undefined;
    const wait = this.#sentAt + EVERY_MS - Date.now();
    if (wait <= 0) this.#say();
    // The last words count: what was emptied or sent must not stand there as unsent.
    else if (this.isPreviewed) this.#laterTimer ??= setTimeout(() => this.#say(), wait);
  }

  #say() {
    clearTimeout(this.#laterTimer);
    this.#laterTimer = undefined;
    if (this.tell(this.#text)) this.#sentAt = Date.now();
  }

  /** An empty name is somebody without one. */
  theirs(name: string, forMs = FADES_MS) {
    clearTimeout(this.#fadeTimer);
    this.#fadeTimer = setTimeout(() => this.show(null), forMs);
    this.show(name);
  }

  stop() {
    clearTimeout(this.#laterTimer);
    clearTimeout(this.#fadeTimer);
  }
}
