import type { ImportResult, Job } from '@otklik/api';
import type { Encoding } from '$lib/clients/csv';
import { JobWatch } from './job.svelte';
import { api } from './session.svelte';

/** One import: checked first, then done, both as a job over the same file. */
export class ImportRun {
  phase = $state<'idle' | 'checking' | 'checked' | 'running' | 'done'>('idle');
  readonly watch: JobWatch<ImportResult>;

  constructor(private readonly projectId: string) {
    this.watch = new JobWatch(projectId);
  }

  async start(file: Blob, mapping: Record<string, string>, encoding: Encoding, isDry: boolean) {
    const before = this.phase;
    this.phase = isDry ? 'checking' : 'running';
    try {
      const query = { mapping: JSON.stringify(mapping), dry_run: String(isDry), encoding };
      const path = `/projects/${this.projectId}/contacts/import`;
      const job = await api.postFile<Job<ImportResult>>(path, file, 'text/csv', query);
      await this.watch.follow(job);
      this.phase = isDry ? 'checked' : 'done';
    } catch (error) {
      this.phase = before;
      throw error;
    }
  }

  back() {
    this.watch.stop();
    this.phase = 'idle';
  }
}
