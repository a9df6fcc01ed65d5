import type { CannedReply, NewCannedReply } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { m } from '$lib/paraglide/messages';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import { offerUndo } from '$lib/shared/undo';

/** The canned replies of a project that its reader may see: shared ones and the reader's own. */
class CannedReplies {
  readonly list = new Resource(() => api.all<CannedReply>(this.path()));
  private projectId: string | null = null;

  constructor() {
    live.follow('cannedReplies', ({ project_id, data }) => {
      // A field that is gone is a hole in the replies that name it.
      const isOurs = ['canned_replies', 'fields'].includes(data.resource);
      if (project_id === this.projectId && isOurs) void this.list.load();
    });
  }

  /** Loads those of a project, unless they are here. */
  open(projectId: string) {
    if (this.projectId === projectId && !this.list.error) return;
    this.projectId = projectId;
    this.list.restart();
  }

  readonly folders = $derived.by(() => {
    const names = (this.list.data ?? []).map(({ folder }) => folder).filter(Boolean);
    return [...new Set(names)];
  });

  async save(id: string | null, values: NewCannedReply): Promise<CannedReply> {
    const saved = id
      ? await api.patch<CannedReply>(this.path(id), values)
      : await api.post<CannedReply>(this.path(), values);
    await this.list.load();
    return saved;
  }

  /** One whose text could not be saved again: nothing brings it back. */
  async removeForGood({ id }: CannedReply) {
    try {
      await api.delete(this.path(id));
    } finally {
      await this.list.load();
    }
  }

  async remove(reply: CannedReply) {
    await this.removeForGood(reply);
    const { title, shortcut, text, folder, shared } = reply;
    offerUndo(m.canned_deleted({ title }), () => this.save(null, { title, shortcut, text, folder, shared }));
  }

  private path(id?: string): string {
    return [`/projects/${this.projectId}/canned-replies`, id].filter(Boolean).join('/');
  }
}

export const cannedReplies = new CannedReplies();
