import type { Job, Page } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';

/** Events tell of progress; asking now and then covers a broken link. */
const POLL_MS = 1_500;

const UNDER_WAY = ['running', 'waiting'] as const;
const LIST_LIMIT = 200;

export const hasEnded = (job: Job) => !UNDER_WAY.some((state) => state === job.state);

/** Work of these kinds that was begun before, on this page or elsewhere: what runs, or else what waits longest. */
export async function underWay<Result>(
  projectId: string,
  kinds: readonly string[],
): Promise<Job<Result> | null> {
  for (const state of UNDER_WAY) {
    const query = { state, limit: LIST_LIMIT };
    const page = await api.get<Page<Job<Result>>>(`/projects/${projectId}/jobs`, query);
    const found = page.items.findLast((job) => kinds.includes(job.kind));
    if (found) return found;
  }
  return null;
}

/** One job under somebody's eyes. */
export class JobWatch<Result> {
  job = $state.raw<Job<Result> | null>(null);
  private settle: ((job: Job<Result>) => void) | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private forget: (() => void) | null = null;

  constructor(private readonly projectId: string) {}

  /** Resolves when the job has ended, whichever way. */
  follow(job: Job<Result>): Promise<Job<Result>> {
    this.stop();
    this.job = job;
    if (hasEnded(job)) return Promise.resolve(job);
    return new Promise((resolve) => {
      this.settle = resolve;
      this.forget = live.follow('job', (event) => {
        if (event.data.id === job.id) this.take(event.data as Job<Result>);
      });
      this.timer = setInterval(() => void this.ask(), POLL_MS);
      // It may have ended before the listener was there.
      void this.ask();
    });
  }

  async cancel() {
    if (!this.job) return;
    this.take(await api.post<Job<Result>>(`${this.path()}/cancel`));
  }

  /** Leaves the page; the job itself goes on. */
  stop() {
    clearInterval(this.timer);
    this.forget?.();
    this.forget = null;
    this.settle = null;
  }

  private async ask() {
    // Without an answer now, the next one tells.
    const job = await api.get<Job<Result>>(this.path()).catch(() => null);
    if (job) this.take(job);
  }

  private take(job: Job<Result>) {
    if (job.id !== this.job?.id || hasEnded(this.job)) return;
    this.job = job;
    if (!hasEnded(job)) return;
    const settle = this.settle;
    this.stop();
    settle?.(job);
  }

  private path(): string {
    return `/projects/${this.projectId}/jobs/${this.job?.id}`;
  }
}
