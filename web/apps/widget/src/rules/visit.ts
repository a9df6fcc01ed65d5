import { SILENCE_MS, VisitCount } from '../presence/visit';

const MOST_EVENTS = 50;
const LONGEST_NAME = 100;

/** A visit with all that auto-actions ask about. */
export class Visit extends VisitCount {
  /** The page's script tells something. */
  event(name: string) {
    this.touch();
    const { state } = this;
    const { events } = state;
    const isKnown = Object.hasOwn(events, name);
    if (!name || name.length > LONGEST_NAME || name.includes('\0')) return;
    if (!isKnown && Object.keys(events).length >= MOST_EVENTS) return;
    state.events = { ...events, [name]: (isKnown ? events[name]! : 0) + 1 };
    this.kept.write(state);
  }

  /** A stretch of looking at a page is over. */
  looked(seconds: number) {
    const { state } = this;
    this.kept.write({ ...state, seconds: state.seconds + seconds });
  }

  shown(id: string) {
    this.kept.write({ ...this.state, last_shown: { id, at: this.now() } });
  }

  /** The auto-action whose dialog the visitor's words begin; each of them has one. */
  takeDialog(): string | undefined {
    const { last_shown, ...rest } = this.state;
    if (!last_shown) return;
    this.kept.write(rest);
    return this.now() - last_shown.at <= SILENCE_MS ? last_shown.id : undefined;
  }
}

/** Counts while a page is visible. */
export class Stopwatch {
  #ms = 0;
  #since: number | null = null;

  constructor(private readonly now = () => performance.now()) {}

  get seconds(): number {
    return Math.floor(this.ms / 1000);
  }

  get ms(): number {
    return this.#ms + (this.#since === null ? 0 : this.now() - this.#since);
  }

  run() {
    this.#since ??= this.now();
  }

  pause() {
    this.#ms = this.ms;
    this.#since = null;
  }

  /** From nothing, going on if it goes. */
  reset() {
    this.#ms = 0;
    if (this.#since !== null) this.#since = this.now();
  }
}
