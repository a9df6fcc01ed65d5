/** Fetches again soon after it was told to: once for a burst of events, and never twice at a time. */
export class Refresher {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isBusy = false;
  private isWanted = false;

  constructor(
    private readonly refresh: () => Promise<void>,
    private readonly pauseMs = 500,
  ) {}

  /** During a long stream of events the last call counts from the first: waiting for silence could take for ever. */
  readonly soon = (): void => {
    this.isWanted = true;
    if (this.timer === undefined && !this.isBusy)
      this.timer = setTimeout(() => void this.run(), this.pauseMs);
  };

  stop() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isWanted = false;
  }

  private async run() {
    this.timer = undefined;
    this.isWanted = false;
    this.isBusy = true;
    try {
      await this.refresh();
    } finally {
      this.isBusy = false;
      if (this.isWanted) this.soon();
    }
  }
}
