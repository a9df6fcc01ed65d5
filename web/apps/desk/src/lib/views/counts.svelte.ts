import type { Schemas } from '@otklik/api';
import { SvelteMap } from 'svelte/reactivity';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';

const PAUSE_MS = 400;

/** How many conversations each view of a project holds, for as long as somebody looks: counted anew as the folders are. */
class ViewCounts {
  private readonly byView = new SvelteMap<string, Schemas['SavedViewCount']>();
  private projectId: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    live.follow('viewCounts', (event) => {
      if (event.project_id !== this.projectId) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => void this.refresh(), PAUSE_MS);
    });
    live.onSnapshot(() => this.refresh());
  }

  /** Begins to count; returns how to stop. */
  watch(projectId: string): () => void {
    if (this.projectId !== projectId) this.byView.clear();
    this.projectId = projectId;
    void this.refresh();
    return () => {
      clearTimeout(this.timer);
      this.projectId = null;
    };
  }

  /** As it is shown; empty while it is not known. */
  text(viewId: string): string {
    const found = this.byView.get(viewId);
    if (!found) return '';
    // Counted no further than a hundred.
    return found.has_more ? `${Math.min(found.count, 99)}+` : String(found.count);
  }

  private async refresh() {
    const id = this.projectId;
    if (!id) return;
    // Counts are an addition to the names.
    const all = await api
      .all<Schemas['SavedViewCount']>(`/projects/${id}/saved-views/counts`)
      .catch(() => null);
    if (all && id === this.projectId) for (const one of all) this.byView.set(one.id, one);
  }
}

export const viewCounts = new ViewCounts();
