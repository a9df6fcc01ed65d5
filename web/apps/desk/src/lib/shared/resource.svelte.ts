/** One fetched value: not there yet, there, or refused. */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  error = $state.raw<unknown>(null);
  private generation = 0;

  constructor(private readonly fetcher: () => Promise<T>) {}

  get loading(): boolean {
    return this.data === null && this.error === null;
  }

  async load(): Promise<void> {
    const generation = ++this.generation;
    try {
      const data = await this.fetcher();
      if (generation !== this.generation) return;
      this.data = data;
      this.error = null;
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  }

  /** For a question that has become another one: the former answer goes at once. */
  restart(): void {
    this.data = null;
    this.error = null;
    void this.load();
  }

  readonly reload = (): void => {
    this.error = null;
    void this.load();
  };
}
