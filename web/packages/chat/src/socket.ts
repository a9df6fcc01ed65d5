import type { ClientFrame, ServerFrame } from '@otklik/api';

export type LinkState = 'connecting' | 'online' | 'offline' | 'signed_out';

export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(): void;
}

export interface LiveHandlers {
  onState(state: LinkState): void;
  /** Only for the first connection and after a gap: take a snapshot, then call `subscribe`. */
  onSnapshotNeeded(position: number): void;
  onFrame(frame: ServerFrame): void;
}

export interface LiveOptions {
  connect: () => SocketLike;
  authFrame: () => ClientFrame;
  random?: () => number;
}

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 30_000;
const SIGNED_OUT = 4401;

/** The operator socket: signs in, resumes from the last position seen, comes back by itself. */
export class LiveSocket {
  private socket: SocketLike | null = null;
  private state: LinkState = 'offline';
  private attempts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private projects: string[] = [];
  private position: number | null = null;
  private stopped = true;

  constructor(
    private readonly options: LiveOptions,
    private readonly handlers: LiveHandlers,
  ) {}

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    this.open();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.drop();
    this.position = null;
    this.projects = [];
    this.setState('offline');
  }

  /** The network or the tab is back: do not wait for the rest of the delay. */
  retryNow() {
    if (this.stopped || this.socket) return;
    clearTimeout(this.timer);
    this.attempts = 0;
    this.open();
  }

  subscribe(projects: string[], from: number) {
    this.projects = projects;
    this.position = Math.max(this.position ?? 0, from);
    this.send({ type: 'subscribe', projects, from: this.position });
  }

  /** The same place in the log, another list of projects: one was created or taken away. */
  follow(projects: string[]) {
    if (this.position !== null) this.subscribe(projects, this.position);
  }

  /** False when there is no signed-in connection; the caller keeps the frame. */
  send(frame: ClientFrame): boolean {
    if (this.state !== 'online' || !this.socket) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private open() {
    this.setState('connecting');
    const socket = this.options.connect();
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.options.authFrame()));
    socket.onmessage = (event) => {
      if (this.socket === socket) this.hear(String(event.data));
    };
    socket.onclose = (event) => {
      if (this.socket === socket) this.closed(event.code);
    };
  }

  private hear(data: string) {
    const frame = JSON.parse(data) as ServerFrame;
    if (frame.type === 'hello') {
      this.attempts = 0;
      this.setState('online');
      this.handlers.onFrame(frame);
      if (this.position === null) this.handlers.onSnapshotNeeded(frame.position);
      else this.send({ type: 'subscribe', projects: this.projects, from: this.position });
      return;
    }
    if (frame.type === 'gap') {
      this.position = frame.position;
      this.handlers.onSnapshotNeeded(frame.position);
      return;
    }
    if (frame.type === 'event') {
      const isKnown = this.position !== null && frame.position <= this.position;
      if (isKnown) return;
      this.position = frame.position;
    }
    this.handlers.onFrame(frame);
  }

  private closed(code: number) {
    this.socket = null;
    if (code === SIGNED_OUT) {
      this.stopped = true;
      this.setState('signed_out');
      return;
    }
    this.setState('offline');
    if (this.stopped) return;
    const ceiling = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.attempts);
    this.attempts += 1;
    // Half fixed, half random: a restarted server is not met by everybody at once.
    const delay = ceiling / 2 + (ceiling / 2) * (this.options.random ?? Math.random)();
    this.timer = setTimeout(() => this.open(), delay);
  }

  private drop() {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private setState(state: LinkState) {
    if (this.state === state) return;
    this.state = state;
    this.handlers.onState(state);
  }
}
