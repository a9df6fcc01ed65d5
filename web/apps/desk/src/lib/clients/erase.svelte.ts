import type { EraseReport, Job, MultiContact } from '@otklik/api';
import { JobWatch } from '$lib/jobs/job.svelte';
import { m } from '$lib/paraglide/messages';
import { api } from '$lib/shared/api';
import { jobProblem, problemText } from '$lib/shared/problem';

/** Erasing one client for good: what stands beside the record, the job, and its report. */
export class Erasure {
  /** Other records of the same client; null until they are known, and before that nothing can be erased. */
  others = $state<number | null>(null);
  isWhole = $state(true);
  problem = $state('');
  private watch = $state.raw<JobWatch<EraseReport> | null>(null);

  readonly report = $derived.by(() => {
    const job = this.watch?.job;
    return job?.state === 'done' ? job.result : null;
  });
  readonly isBusy = $derived.by(() => this.watch !== null && !this.report && !this.problem);

  constructor(
    private readonly projectId: string,
    private readonly contactId: string,
  ) {}

  async prepare() {
    try {
      const group = await api.get<MultiContact>(this.path('multi-contact'));
      this.others = group.contacts.length - 1;
    } catch (error) {
      this.problem = problemText(error);
    }
  }

  /** True when the job has ended, whichever way. */
  async erase(): Promise<boolean> {
    this.problem = '';
    const watch = new JobWatch<EraseReport>(this.projectId);
    this.watch = watch;
    try {
      const body = { whole_client: this.isWhole };
      const job = await watch.follow(await api.post<Job<EraseReport>>(this.path('erase'), body));
      if (job.state !== 'done') this.problem = job.error ? jobProblem(job) : m.erase_not_done();
      return true;
    } catch (error) {
      this.problem = problemText(error);
      return false;
    }
  }

  stop() {
    this.watch?.stop();
  }

  private path(rest: string): string {
    return `/projects/${this.projectId}/contacts/${this.contactId}/${rest}`;
  }
}
