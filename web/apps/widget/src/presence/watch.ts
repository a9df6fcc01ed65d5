import type { SocketLike } from '../core/connection';
import { Pages } from '../core/pages';
import { makeToken } from '../core/token';
import type { ClientFrame, ServerFrame } from '../contract';
import type { Presence, Shell } from '../shell';
import { visitOf } from './told';
import { VisitCount } from './visit';

const FIRST_DELAY_MS = 1_000;
const LAST_DELAY_MS = 60_000;
const HIDDEN_LIMIT_MS = 600_000;
/** Wrong key, foreign origin: no later attempt of this page can end otherwise. What was switched off may be switched on. */
const REFUSED = [4401, 4403];

/** Somebody who has not spoken: which page is seen, until the core has a line of its own or the team calls. */
export class Watch implements Presence {
  readonly #pages = new Pages((page) => this.#arrived(page.url));
  readonly #ending = new AbortController();
  #socket: SocketLike | null = null;
  #delay = FIRST_DELAY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  /** Refused, or the core tells. */
  #isOver = false;
  /** The open line knows where the visitor is. */
  #isTold = false;

  constructor(
    private readonly shell: Shell,
    private readonly open: () => SocketLike,
  ) {
    const { signal } = this.#ending;
    shell.presence = this;
    this.#count((visit) => visit.page(this.#pages.page.url));
    document.addEventListener('visibilitychange', () => this.#look(), { signal });
    addEventListener('online', () => this.update(), { signal });
    // An open socket would keep the page out of the back-forward cache.
    addEventListener('pagehide', () => this.#close(), { signal });
    addEventListener('pageshow', () => this.update(), { signal });
    this.#look();
  }

  /** Closed after ten minutes out of sight. */
  #look() {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => this.#close(), HIDDEN_LIMIT_MS);
      return;
    }
    this.#count((visit) => visit.touch());
    this.update();
  }

  /** Nothing of a page that has not allowed it. */
  update() {
    if (this.shell.isHeld) return this.#close();
    if (this.#socket || this.#isOver || document.hidden) return;
    clearTimeout(this.#timer);
    const socket = (this.#socket = this.open());
    socket.onopen = () => this.#auth();
    socket.onmessage = ({ data }) => this.#socket === socket && this.#hear(String(data));
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#isTold = false;
      this.#isOver ||= REFUSED.includes(code);
      // Half of it chance: a restarted server is not met by everybody at once.
      this.#timer = setTimeout(() => this.update(), this.#delay * (0.5 + Math.random() / 2));
      this.#delay = Math.min(LAST_DELAY_MS, this.#delay * 2);
    };
  }

  page(url?: string, title?: string) {
    this.#pages.set(url, title);
  }

  get visit() {
    return visitOf(this.shell);
  }

  end() {
    this.#isOver = true;
    this.#close();
  }

  destroy() {
    this.#close();
    clearTimeout(this.#hiddenTimer);
    this.#pages.stop();
    this.#ending.abort();
  }

  #close() {
    const socket = this.#socket;
    this.#socket = null;
    this.#isTold = false;
    clearTimeout(this.#timer);
    socket?.close();
  }

  #auth() {
    const { shell } = this;
    this.#isTold = true;
    this.#tell({
      type: 'auth',
      site_key: shell.key,
      visitor_token: makeToken(shell),
      identity_token: null,
      page: { ...this.#pages.page, referrer: document.referrer },
      locale: shell.locale,
      visit: this.visit,
    });
  }

  #arrived(address: string) {
    this.#count((visit) => visit.page(address));
    if (this.#isTold) this.#tell({ type: 'page', ...this.#pages.page });
  }

  #tell(frame: ClientFrame) {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** Where there are auto-actions, they count. */
  #count(how: (visit: VisitCount) => void) {
    const { config, isHeld, store, prefix } = this.shell;
    if (!config.rules && !isHeld) how(new VisitCount(store, prefix));
  }

  #hear(text: string) {
    const frame = JSON.parse(text) as ServerFrame;
    if (frame.type === 'hello') this.#delay = FIRST_DELAY_MS;
    if (frame.type !== 'called') return;
    // The team has written: from here on it is a talk like any other.
    const { shell } = this;
    shell.store[shell.prefix + 'visitor'] ??= makeToken(shell);
    void shell.withCore((core) => core.connect()).catch(() => {});
  }
}
