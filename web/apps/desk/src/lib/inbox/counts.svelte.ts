import type { FolderCounts } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';

/** What two ask so close together is one question. */
const SHARED_MS = 30;

/** Folder counts of some projects. Events only say that something moved; the server counts. */
export class Counts {
  value = $state.raw<FolderCounts | null>(null);
  private projectIds: readonly string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    live.follow('folderCounts', (event) => {
      // Of what is said only a note that names the reader moves a count by itself.
      const isOther =
        event.kind === 'message.created' && !event.data.content.mentions?.includes(session.user.id);
      if (!isOther && this.projectIds.includes(event.project_id)) this.soon();
    });
    live.onSnapshot(() => this.refresh());
  }

  async open(projectIds: readonly string[]) {
    if (projectIds.join() === this.projectIds.join() && this.value) return;
    this.projectIds = projectIds;
    await this.refresh();
  }

  async refresh() {
    const ids = this.projectIds;
    if (ids.length === 0) return;
    try {
      const values = await Promise.all(ids.map(countsOf));
      if (ids === this.projectIds) this.value = sum(values);
    } catch {
      // Counts are an addition to the list, which shows the error itself.
    }
  }

  private soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), 400);
  }
}

const asked = new Map<string, Promise<FolderCounts>>();

/** The list and the tab count the same projects: who asks while the other's question is being put shares the answer. */
function countsOf(id: string): Promise<FolderCounts> {
  const standing = asked.get(id);
  if (standing) return standing;
  const answer = api.get<FolderCounts>(`/projects/${id}/conversations/counts`);
  asked.set(id, answer);
  // A question that is already on its way may miss what happens now.
  setTimeout(() => asked.delete(id), SHARED_MS);
  return answer;
}

/** A server that is older than its pages, for the minute of an upgrade, leaves newer numbers out. */
function sum(values: FolderCounts[]): FolderCounts {
  const total: FolderCounts = {
    mine: 0,
    new: 0,
    open: 0,
    bot: 0,
    snoozed: 0,
    mentions: 0,
    closed: 0,
    all: 0,
    unread: 0,
  };
  for (const value of values) {
    for (const name of Object.keys(total) as (keyof FolderCounts)[]) total[name] += value[name] ?? 0;
  }
  return total;
}

/** Of the projects that the lists show. */
export const counts = new Counts();
