import type { Contact } from '@otklik/api';

const TYPING_PAUSE_MS = 200;

/** Finds clients while somebody types. */
export class ContactFinder {
  text = $state('');
  found = $state.raw<Contact[] | null>(null);
  error = $state.raw<unknown>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private generation = 0;

  constructor(private readonly search: (text: string) => Promise<Contact[]>) {}

  readonly words = $derived(this.text.trim());

  /** After a change of the text. */
  typed() {
    clearTimeout(this.timer);
    this.error = null;
    if (this.words) this.timer = setTimeout(this.ask, TYPING_PAUSE_MS);
    else this.found = null;
  }

  readonly ask = async (): Promise<void> => {
    const generation = ++this.generation;
    this.error = null;
    try {
      const found = await this.search(this.words);
      if (generation === this.generation) this.found = found;
    } catch (error) {
      if (generation === this.generation) this.error = error;
    }
  };
}
