import { ApiError, type NewSavedView, type SavedView } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { m } from '$lib/paraglide/messages';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import { offerUndo } from '$lib/shared/undo';

/** The views of a project's list that its reader may see: shared ones and the reader's own. */
class SavedViews {
  readonly list = new Resource(() => api.all<SavedView>(this.path()));
  private projectId: string | null = null;

  constructor() {
    live.follow('savedViews', ({ project_id, data }) => {
      if (project_id === this.projectId && data.resource === 'saved_views') void this.list.load();
    });
  }

  open(projectId: string) {
    if (this.projectId === projectId && !this.list.error) return;
    this.projectId = projectId;
    this.list.restart();
  }

  find(id: string | null): SavedView | undefined {
    return this.list.data?.find((view) => view.id === id);
  }

  async create(values: NewSavedView): Promise<SavedView> {
    const made = await api.post<SavedView>(this.path(), values);
    await this.list.load();
    return made;
  }

  /** Null when somebody has changed it since `revision`: nothing is overwritten, and what it is by then has been read. */
  async change(
    id: string,
    values: NewSavedView & { shared: boolean; revision: number },
  ): Promise<SavedView | null> {
    try {
      return await api.put<SavedView>(this.path(id), values);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'view_changed') return null;
      throw error;
    } finally {
      await this.list.load();
    }
  }

  async remove({ id, name, query, shared }: SavedView) {
    try {
      await api.delete(this.path(id));
    } finally {
      await this.list.load();
    }
    offerUndo(m.view_deleted({ name }), () => this.create({ name, query, shared }));
  }

  private path(id?: string): string {
    return [`/projects/${this.projectId}/saved-views`, id].filter(Boolean).join('/');
  }
}

export const savedViews = new SavedViews();
