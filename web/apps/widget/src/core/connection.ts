import type { ClientFrame, Hello, ServerFrame } from '../contract';
import type { Link } from './view';

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(): void;
}

export interface ConnectionHandlers {
  open(): SocketLike;
  auth(): ClientFrame;
  onHello(hello: Hello): void;
  onFrame(frame: ServerFrame): void;
  onState(link: Link): void;
  /** The site’s channel is switched off. */
  onOff(): void;
}

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 30_000;
/** A chat that was switched off is asked after so often whether it is on again. */
const OFF_DELAY_MS = 20_000;
const HELLO_TIMEOUT_MS = 10_000;
/** Wrong key, foreign origin: no later attempt can end otherwise. */
const REFUSED = [4401, 4403];
/** The channel of this site takes nothing now: looked at again after a while, or when somebody comes back to the page. */
const SWITCHED_OFF = 4410;
const FAILURES_BEFORE_HTTP = 3;
const TOO_MANY_UNKNOWN_FRAMES = 1008;

/** The widget socket: says who it is, comes back by itself with growing pauses. */
export class Connection {
  link: Link = 'offline';
  /** Attempts since the last hello; three of them mean that sockets do not get through here. */
  failures = 0;
  /** An older server does not know the newer frames and hangs up over them. */
  isPlain = false;
  isRefused = false;
  #socket: SocketLike | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStarted = false;

  constructor(private readonly handlers: ConnectionHandlers) {}

  /** Sockets do not get through here. */
  get isHttpNeeded(): boolean {
    return this.failures >= FAILURES_BEFORE_HTTP && !this.isRefused;
  }

  start() {
    if (this.#isStarted || this.isRefused) return;
    this.#isStarted = true;
    this.#open();
  }

  stop() {
    this.#isStarted = false;
    clearTimeout(this.#timer);
    this.hangUp();
  }

  /** The network or the tab is back: do not wait for the rest of the pause. */
  retryNow() {
    if (!this.#isStarted || this.#socket) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  /** The line is dead or the identity has changed. */
  restart() {
    if (!this.#isStarted) return;
    this.hangUp();
    this.retryNow();
  }

  hangUp() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    clearTimeout(this.#timer);
    this.#setLink('offline');
    if (this.#isStarted) this.#later();
  }

  /** The server takes nothing for now. */
  turnedOff() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    clearTimeout(this.#timer);
    this.failures = 0;
    // Half of it chance: a site that is switched on is not met by everybody at once.
    this.#timer = setTimeout(() => this.retryNow(), OFF_DELAY_MS * (0.5 + Math.random() / 2));
    this.handlers.onOff();
    this.#setLink('offline');
  }

  /** False when there is no line; the caller keeps what it wanted to say. */
  send(frame: ClientFrame): boolean {
    if (this.link !== 'online' || !this.#socket) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #open() {
    this.#setLink('connecting');
    let socket: SocketLike;
    try {
      socket = this.handlers.open();
    } catch {
      // A host policy may forbid the socket outright; HTTP takes over after three of these.
      return this.#closed(0);
    }
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#socket === socket && this.#drop(socket), HELLO_TIMEOUT_MS);
    socket.onopen = () => socket.send(JSON.stringify(this.handlers.auth()));
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#hear(String(event.data));
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#closed(code);
    };
  }

  #drop(socket: SocketLike) {
    socket.close();
    this.#closed(0);
  }

  #hear(text: string) {
    const frame = JSON.parse(text) as ServerFrame;
    if (frame.type !== 'hello') return this.handlers.onFrame(frame);
    clearTimeout(this.#timer);
    this.failures = 0;
    this.#setLink('online');
    this.handlers.onHello(frame);
  }

  #closed(code: number) {
    if (code === SWITCHED_OFF) return this.turnedOff();
    this.#socket = null;
    clearTimeout(this.#timer);
    this.failures += 1;
    if (code === TOO_MANY_UNKNOWN_FRAMES) this.isPlain = true;
    this.isRefused = REFUSED.includes(code);
    if (this.isRefused) {
      this.#isStarted = false;
      console.warn('Otklik: this site may not use the chat', code);
    } else {
      this.#later();
    }
    this.#setLink('offline');
  }

  #later() {
    const longest = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, this.failures - 1));
    this.#timer = setTimeout(() => this.retryNow(), longest * (0.5 + Math.random() / 2));
  }

  #setLink(link: Link) {
    if (link === this.link) return;
    this.link = link;
    this.handlers.onState(link);
  }
}
