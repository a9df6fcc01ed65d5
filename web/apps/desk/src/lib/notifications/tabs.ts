/** The tabs of one browser: one of them tells, and none does while another has the conversation before the operator's eyes. */

/** How long a tab may take to say that it has it. */
const ANSWER_MS = 150;

type Word = { ask: string } | { seen: string };

export class Tabs {
  private readonly channel = new BroadcastChannel('otklik.notifications');
  private readonly waiting = new Map<string, () => void>();
  private release: () => void = () => {};
  private isTelling = false;

  /** `isInSight` answers for this tab. */
  constructor(private readonly isInSight: (conversationId: string) => boolean) {
    this.channel.onmessage = ({ data }: MessageEvent<Word>) => this.hear(data);
    // Where there are no locks every tab tells; the browser shows one note of a conversation all the same.
    if (!navigator.locks) this.isTelling = true;
    else void navigator.locks.request('otklik.notifications', () => this.hold());
  }

  stop() {
    this.channel.close();
    this.release();
    this.isTelling = false;
  }

  /** Whether this tab is the one that tells, and nobody looks at the conversation. */
  async mayTell(conversationId: string): Promise<boolean> {
    if (!this.isTelling || this.isInSight(conversationId)) return false;
    const isSeen = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), ANSWER_MS);
      this.waiting.set(conversationId, () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    this.channel.postMessage({ ask: conversationId } satisfies Word);
    const seen = await isSeen;
    this.waiting.delete(conversationId);
    return !seen && this.isTelling;
  }

  private hear(word: Word) {
    if ('seen' in word) this.waiting.get(word.seen)?.();
    else if (this.isInSight(word.ask)) this.channel.postMessage({ seen: word.ask } satisfies Word);
  }

  /** Until this tab is closed, which gives the lock to the next. */
  private hold(): Promise<void> {
    this.isTelling = true;
    return new Promise((resolve) => (this.release = resolve));
  }
}
