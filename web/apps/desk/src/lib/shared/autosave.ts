const PAUSE_MS = 600;

/** Saves a little after the last edit, and never twice at a time. What fails is for `save` itself to tell. */
export class Autosave {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private isWanted = false;

  constructor(
    private readonly save: () => Promise<unknown>,
    private readonly pauseMs = PAUSE_MS,
  ) {}

  /** Something was edited. */
  soon() {
    this.isWanted = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.now(), this.pauseMs);
  }

  /** Saves what waits; over when nothing does. */
  now(): Promise<void> {
    clearTimeout(this.timer);
    this.running ??= this.run().finally(() => (this.running = null));
    return this.running;
  }

  /** Nothing that waits is saved any more. */
  stop() {
    clearTimeout(this.timer);
    this.isWanted = false;
  }

  private async run() {
    while (this.isWanted) {
      this.isWanted = false;
      await this.save();
    }
  }
}
