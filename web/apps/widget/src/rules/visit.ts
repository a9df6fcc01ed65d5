import { Kept, type Store } from './kept';

/** So long without anything done ends a visit. */
export const SILENCE_MS = 30 * 60_000;

const UTM = ['source', 'medium', 'campaign', 'term', 'content'].map((name) => `utm_${name}`);
const MOST_EVENTS = 50;
const LONGEST_NAME = 100;

interface State {
  since: number;
  /** When something was done last. */
  last: number;
  /** This one counts, too. */
  visits: number;
  pages: number;
  /** While a page was visible, those of the present stretch left out. */
  seconds: number;
  utm: Record<string, string>;
  events: Record<string, number>;
  /** What was shown last: the visitor's first words after it are its dialog. */
  last_shown?: { id: string; at: number };
}

/** One visit of one browser, whatever number of pages and tabs it has. Everything is read anew and written at once. */
export class Visit {
  readonly #kept: Kept<State>;

  constructor(
    store: Store,
    prefix: string,
    private readonly now = () => Date.now(),
  ) {
    this.#kept = new Kept<State>(
      store,
      prefix + 'visit',
      (read) =>
        [read.since, read.last, read.visits, read.pages, read.seconds].every(Number.isFinite) &&
        read.utm &&
        read.events,
    );
  }

  get state(): State {
    return this.#kept.read() ?? this.#fresh(0);
  }

  /** Something was done. True when another visit begins with it. */
  touch(): boolean {
    const known = this.#kept.read();
    const now = this.now();
    // A clock that was put back does not keep a visit alive until it has caught up.
    const isOver = !known || Math.abs(now - known.last) > SILENCE_MS;
    this.#kept.write(isOver ? this.#fresh(known?.visits ?? 0) : { ...known, last: now });
    return isOver;
  }

  /** A page comes into view. */
  page(address: string) {
    this.touch();
    const { state } = this;
    state.pages += 1;
    if (!Object.keys(state.utm).length) state.utm = utmOf(address);
    this.#kept.write(state);
  }

  /** The page's script tells something. */
  event(name: string) {
    this.touch();
    const { state } = this;
    const { events } = state;
    const isKnown = Object.hasOwn(events, name);
    if (!name || name.length > LONGEST_NAME || name.includes('\0')) return;
    if (!isKnown && Object.keys(events).length >= MOST_EVENTS) return;
    state.events = { ...events, [name]: (isKnown ? events[name]! : 0) + 1 };
    this.#kept.write(state);
  }

  /** A stretch of looking at a page is over. */
  looked(seconds: number) {
    const { state } = this;
    this.#kept.write({ ...state, seconds: state.seconds + seconds });
  }

  shown(id: string) {
    this.#kept.write({ ...this.state, last_shown: { id, at: this.now() } });
  }

  /** The auto-action whose dialog the visitor's words begin; each of them has one. */
  takeDialog(): string | undefined {
    const { last_shown, ...rest } = this.state;
    if (!last_shown) return;
    this.#kept.write(rest);
    return this.now() - last_shown.at <= SILENCE_MS ? last_shown.id : undefined;
  }

  #fresh(before: number): State {
    const now = this.now();
    return { since: now, last: now, visits: before + 1, pages: 0, seconds: 0, utm: {}, events: {} };
  }
}

function utmOf(address: string): Record<string, string> {
  const query = address.split('#')[0]!.split('?').slice(1).join('?');
  const found = new URLSearchParams(query);
  return Object.fromEntries(UTM.flatMap((name) => (found.get(name) ? [[name, found.get(name)!]] : [])));
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
