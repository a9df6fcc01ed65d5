import { Kept, type Store } from '../rules/kept';

/** So long without anything done ends a visit. */
export const SILENCE_MS = 30 * 60_000;

const UTM = ['source', 'medium', 'campaign', 'term', 'content'].map((name) => `utm_${name}`);

/** What is kept of a visit. */
export interface VisitState {
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
  /** Where the visit came from. */
  referrer?: string;
  /** The load of a page that was counted last, by its beginning. */
  counted?: number;
  /** What was shown last: the visitor's first words after it are its dialog. */
  last_shown?: { id: string; at: number };
}

/** One visit of one browser, whatever number of pages and tabs it has. Everything is read anew and written at once. */
export class VisitCount {
  protected readonly kept: Kept<VisitState>;

  constructor(
    store: Store,
    prefix: string,
    protected readonly now = () => Date.now(),
  ) {
    this.kept = new Kept<VisitState>(
      store,
      prefix + 'visit',
      (read) =>
        [read.since, read.last, read.visits, read.pages, read.seconds].every(Number.isFinite) &&
        read.utm &&
        read.events,
    );
  }

  get state(): VisitState {
    return this.kept.read() ?? this.#fresh(0);
  }

  /** As it is with something that is done now: another one after a silence. */
  get current(): VisitState {
    const known = this.kept.read();
    const last = this.now();
    // A clock that was put back does not keep a visit alive until it has caught up.
    const isOver = !known || Math.abs(last - known.last) > SILENCE_MS;
    return isOver ? this.#fresh(known?.visits ?? 0) : { ...known, last };
  }

  /** Something was done. True when another visit begins with it. */
  touch(): boolean {
    const { visits } = this.kept.read() ?? {};
    const { current } = this;
    this.kept.write(current);
    return current.visits !== visits;
  }

  /** A page comes into view. */
  page(address: string) {
    const state = this.current;
    state.pages += 1;
    state.counted = performance.timeOrigin;
    if (!Object.keys(state.utm).length) state.utm = utmOf(address);
    this.kept.write(state);
  }

  #fresh(before: number): VisitState {
    const now = this.now();
    const { referrer } = document;
    return { since: now, last: now, visits: before + 1, pages: 0, seconds: 0, utm: {}, events: {}, referrer };
  }
}

/** Parameters of an address that say which advertisement it was. */
export function utmOf(address: string): Record<string, string> {
  const query = address.split('#')[0]!.split('?').slice(1).join('?');
  const found = new URLSearchParams(query);
  return Object.fromEntries(UTM.flatMap((name) => (found.get(name) ? [[name, found.get(name)!]] : [])));
}
