import type { Answer, Job, Schemas } from '@otklik/api';
import { hasEnded, JobWatch } from '$lib/jobs/job.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type WaitingRuns = Answer<Schemas['WaitingRuns']>;

/** What became of clients who waited. */
export interface Moved {
  scenario_id: string;
  version: number;
  moved: number;
  stayed: number;
}

/** Clients who wait on older versions of a scenario, and the work of carrying them over to the newest. */
export class MovingState {
  readonly waiting: Resource<WaitingRuns>;
  readonly watch: JobWatch<Moved>;

  constructor(
    private readonly projectId: string,
    private readonly scenarioId: string,
  ) {
    this.waiting = new Resource(() => api.get<WaitingRuns>(this.path()));
    this.watch = new JobWatch<Moved>(projectId);
  }

  get isMoving(): boolean {
    return this.watch.job !== null && !hasEnded(this.watch.job);
  }

  async load() {
    await this.waiting.load();
    const job = this.waiting.data?.job as Job<Moved> | null | undefined;
    if (job && !this.isMoving) void this.follow(job);
  }

  /** Whoever can be moved goes on in the version that was looked at. */
  async move() {
    const { data } = this.waiting;
    if (!data) return;
    try {
      void this.follow(await api.post<Job<Moved>>(`${this.path()}/move`, { version: data.version }));
    } catch (error) {
      // What was looked at is no longer so.
      await this.waiting.load();
      throw error;
    }
  }

  stop() {
    this.watch.stop();
  }

  private async follow(job: Job<Moved>) {
    await this.watch.follow(job);
    await this.waiting.load();
  }

  private path() {
    return `/projects/${this.projectId}/scenarios/${this.scenarioId}/waiting-runs`;
  }
}
