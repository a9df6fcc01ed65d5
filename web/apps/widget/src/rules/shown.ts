import type { Shown } from '@otklik/site-rules';
import { Kept, type Store } from './kept';

const MOST = 200;
/** Two times of one showing: the server notes it some time after it was drawn. */
const SAME_MS = 60_000;
/** So many of the newest tell how far apart two clocks are. */
const COMPARED = 10;

/** The same list as long as nothing changes. */
const NONE: Shown[] = [];

/** What this browser has shown, by its own clock. Limits hold from the first moment, whether or not the server can be reached. */
export class Log {
  readonly #kept: Kept<Shown[]>;

  constructor(store: Store, prefix: string) {
    this.#kept = new Kept<Shown[]>(
      store,
      prefix + 'shown',
      (read) =>
        Array.isArray(read) && read.every((entry) => Array.isArray(entry) && Number.isFinite(entry[1])),
    );
  }

  get entries(): Shown[] {
    return this.#kept.read() ?? NONE;
  }

  add(id: string, at: number) {
    const one: Shown = [id, at];
    this.#kept.write([...this.entries, one].slice(-MOST));
  }

  /** The server did not let it be. */
  drop(id: string, at: number) {
    this.#kept.write(this.entries.filter(([other, when]) => other !== id || when !== at));
  }

  forget() {
    this.#kept.forget();
  }
}

/**
 * How far the server's clock is ahead of this one, told by showings that both know; and what was shown where this
 * browser does not remember it.
 */
export function compare(local: Shown[], server: Shown[]): { ahead: number; elsewhere: Shown[] } {
  const skews = newest(local).flatMap(([id, at]) =>
    newest(server).flatMap(([other, when]) => (other === id ? [when - at] : [])),
  );
  // Clocks are usually right: only a difference that explains more of them is believed.
  skews.sort((one, other) => Math.abs(one) - Math.abs(other));
  let best = { ahead: 0, elsewhere: unmatched(local, server, 0) };
  for (const ahead of skews) {
    const elsewhere = unmatched(local, server, ahead);
    if (elsewhere.length < best.elsewhere.length) best = { ahead, elsewhere };
  }
  return best;
}

function newest(shown: Shown[]): Shown[] {
  return [...shown].sort(([, one], [, other]) => other - one).slice(0, COMPARED);
}

function unmatched(local: Shown[], server: Shown[], ahead: number): Shown[] {
  const left = [...local];
  return server.filter(([id, at]) => {
    const place = left.findIndex(([other, when]) => other === id && Math.abs(when + ahead - at) < SAME_MS);
    if (place < 0) return true;
    left.splice(place, 1);
    return false;
  });
}
