import type { ProjectEvent } from './live.svelte';

/** Events heard while a snapshot is on its way: it may have been taken before them. */
export class EarlyEvents {
  private events: ProjectEvent[] | null = null;

  /** A snapshot has been asked for. */
  begin() {
    this.events ??= [];
  }

  note(event: ProjectEvent) {
    this.events?.push(event);
  }

  /** What was heard since; to be applied to what has come. */
  take(): ProjectEvent[] {
    const events = this.events ?? [];
    this.events = null;
    return events;
  }
}
