import type { Shell } from '../shell';

/** What the visitor has seen, and how much waits for them. */
export class Marks {
  #unread = 0;
  #readSent = 0;

  constructor(
    private readonly shell: Pick<Shell, 'setUnread' | 'part'>,
    private readonly isSeen: () => boolean,
    private readonly tell: (seq: number) => boolean,
  ) {}

  setUnread(count: number) {
    this.#unread = this.isSeen() ? 0 : count;
    this.shell.setUnread(this.#unread);
    // Seen without opening.
    if (this.#unread) this.shell.part('teaser').catch(() => {});
  }

  arrived() {
    if (!this.isSeen()) this.setUnread(this.#unread + 1);
  }

  /** On a new line what was read is told again. */
  begin(unread: number) {
    this.#readSent = 0;
    this.setUnread(unread);
  }

  read(seq: number) {
    if (!this.isSeen()) return;
    this.setUnread(0);
    if (seq > this.#readSent && this.tell(seq)) this.#readSent = seq;
  }
}
