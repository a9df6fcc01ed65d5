import { warnOnce } from '../warn';

/** The site's server makes it. */
type Refresh = () => string | Promise<string>;

/** A token is asked for again so long before its end, so that the line never has an old one. */
const EARLY_MS = 60_000;
const AGAIN_MS = 30_000;
const SHORTEST_MS = 5_000;
/** Browsers take a longer timer for none. */
const LONGEST_MS = 2 ** 31 - 1;

/** Who the visitor is, by the word of the site's server, for as long as he is here. */
export class Identity {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(private readonly tell: (token: string) => void) {}

  /** A token, or who makes one. */
  is(token: string | undefined, refresh: Refresh | undefined) {
    this.stop();
    if (token) this.#use(token, refresh);
    else if (refresh) void this.#ask(refresh);
    else warnOnce('identify', 'needs a token or a function that gives one');
  }

  /** Nobody asks for the one who has left. */
  stop() {
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  #use(token: string, refresh: Refresh | undefined) {
    this.tell(token);
    const end = endOf(token);
    if (!refresh || !end) return;
    const wait = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, end - EARLY_MS - Date.now()));
    this.#later(refresh, wait);
  }

  #later(refresh: Refresh, wait: number) {
    this.#timer = setTimeout(() => void this.#ask(refresh), wait);
  }

  async #ask(refresh: Refresh) {
    const turn = this.#turn;
    try {
      const token = await refresh();
      if (turn === this.#turn) this.#use(String(token), refresh);
    } catch (error) {
      if (turn !== this.#turn) return;
      warnOnce('identify', `got no token: ${String(error)}`);
      this.#later(refresh, AGAIN_MS);
    }
  }
}

/** When a JWT ends, in milliseconds; nothing for what is none. */
function endOf(token: string): number | null {
  try {
    const body = token.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    const { exp } = JSON.parse(atob(body)) as { exp?: number };
    return exp ? exp * 1000 : null;
  } catch {
    return null;
  }
}
