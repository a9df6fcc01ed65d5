import type { Answer, Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';

export type Verdict = Answer<Schemas['InstallCheck']>;

/** Asks the server to look at a page of the company, and keeps what it found. */
export class PageCheck {
  url = $state('');
  verdict = $state.raw<Verdict | null>(null);
  busy = $state(false);

  constructor(
    private readonly projectId: string,
    origin: string,
  ) {
    this.url = origin;
  }

  async run() {
    this.busy = true;
    try {
      const path = `/projects/${this.projectId}/installation/check`;
      this.verdict = await api.post<Verdict>(path, { url: this.url.trim() });
    } finally {
      this.busy = false;
    }
  }
}
