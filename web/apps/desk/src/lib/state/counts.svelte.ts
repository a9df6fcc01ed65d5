import type { FolderCounts } from '@otklik/api';
import { live } from './live.svelte';
import { api } from './session.svelte';

/** Folder counts of the chosen project. Events only say that something moved; the server counts. */
class Counts {
  value = $state.raw<FolderCounts | null>(null);
  private projectId: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    live.onEvent((event) => {
      if (event.project_id === this.projectId && event.kind.startsWith('conversation')) this.soon();
    });
    live.onSnapshot(() => this.refresh());
  }

  async open(projectId: string) {
    if (this.projectId === projectId && this.value) return;
    this.projectId = projectId;
    await this.refresh();
  }

  async refresh() {
    const projectId = this.projectId;
    if (!projectId) return;
    try {
      const value = await api.get<FolderCounts>(`/projects/${projectId}/conversations/counts`);
      if (this.projectId === projectId) this.value = value;
    } catch {
      // Counts are an addition to the list, which shows the error itself.
    }
  }

  private soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), 400);
  }
}

export const counts = new Counts();
