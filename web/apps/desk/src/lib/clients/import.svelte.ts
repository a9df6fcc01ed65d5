import type { ImportResult, Job } from '@otklik/api';
import type { Encoding } from './csv';
import { hasEnded, JobWatch, underWay } from '$lib/jobs/job.svelte';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';

const KIND = 'import';

/** What the job over a table does. One that was begun elsewhere does not say whether it is a check. */
export type Doing = 'check' | 'import' | 'unknown';

/** One import: checked first, then done, both as a job over the same file. Both go on without the page. */
export class ImportRun {
  phase = $state<'idle' | 'busy' | 'ended'>('idle');
  doing = $state<Doing>('check');
  readonly watch: JobWatch<ImportResult>;
  private generation = 0;

  constructor(private readonly projectId: string) {
    this.watch = new JobWatch(projectId);
  }

  async start(file: Blob, mapping: Record<string, string>, encoding: Encoding, isDry: boolean) {
    const before = { phase: this.phase, doing: this.doing };
    this.phase = 'busy';
    this.doing = isDry ? 'check' : 'import';
    try {
      const query = { mapping: JSON.stringify(mapping), dry_run: String(isDry), encoding };
      const path = `/projects/${this.projectId}/contacts/import`;
      const job = await api.postFile<Job<ImportResult>>(path, file, 'text/csv', query);
      this.remember(job);
      await this.follow(job);
    } catch (error) {
      Object.assign(this, before);
      throw error;
    }
  }

  /** Goes on watching what was begun before a reload, or by somebody else; returns how to stop. */
  attend(): () => void {
    void this.pickUp();
    const forget = live.follow('imports', (event) => {
      if (event.project_id !== this.projectId) return;
      if (event.data.kind === KIND && !hasEnded(event.data)) this.take(event.data as Job<ImportResult>);
    });
    return () => {
      forget();
      this.watch.stop();
    };
  }

  reset() {
    this.generation += 1;
    this.watch.stop();
    this.phase = 'idle';
  }

  private async pickUp() {
    // Without an answer the next event of the job tells.
    const job = await underWay<ImportResult>(this.projectId, [KIND]).catch(() => null);
    if (job) this.take(job);
  }

  private take(job: Job<ImportResult>) {
    if (this.phase !== 'idle') return;
    this.phase = 'busy';
    this.doing = this.remembered(job);
    void this.follow(job);
  }

  private async follow(job: Job<ImportResult>) {
    const generation = ++this.generation;
    await this.watch.follow(job);
    if (generation === this.generation) this.phase = 'ended';
  }

  private remember(job: Job) {
    localStorage.setItem(this.memory, JSON.stringify({ id: job.id, doing: this.doing }));
  }

  private remembered(job: Job): Doing {
    const known = JSON.parse(localStorage.getItem(this.memory) ?? '{}') as { id?: string; doing?: Doing };
    return known.id === job.id && known.doing ? known.doing : 'unknown';
  }

  private get memory(): string {
    return `otklik.import.${this.projectId}`;
  }
}
