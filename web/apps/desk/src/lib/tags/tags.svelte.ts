import type { Job, NewTag, Page, Project, Tag, TagUsage, UpdateTag } from '@otklik/api';
import { hasEnded, JobWatch } from '$lib/jobs/job.svelte';
import { live } from '$lib/live/live.svelte';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

/** What a change did to clients. */
export interface Retagged {
  contacts: number;
  from: string;
  to: string | null;
}

const KIND = 'retag';

/** The list of tags of a project as its page changes it, and the work on clients that follows. */
export class TagsState {
  readonly list = new Resource(() => api.all<Tag>(this.path()));
  readonly watch: JobWatch<Retagged>;
  /** The newest work when it was last looked for. */
  private known: string | undefined;

  constructor(private readonly projectId: string) {
    this.watch = new JobWatch<Retagged>(projectId);
  }

  async begin() {
    await Promise.all([this.list.load(), this.followWork()]);
  }

  /** Follows what others change; returns how to stop. */
  follow(): () => void {
    const forget = live.follow('tags', (event) => {
      const isOurs = event.project_id === this.projectId && event.data.resource === 'tags';
      if (isOurs) void this.list.load();
    });
    return () => {
      forget();
      this.watch.stop();
    };
  }

  usage(tag: Tag): Promise<TagUsage> {
    return api.get<TagUsage>(`${this.path(tag.id)}/usage`);
  }

  async save(tag: Tag | null, body: NewTag | UpdateTag) {
    if (tag) await api.patch(this.path(tag.id), body);
    else await api.post(this.path(), body);
    await this.again();
  }

  async move(tag: Tag, position: number) {
    try {
      await api.patch(this.path(tag.id), { position });
    } finally {
      await this.list.load();
    }
  }

  async merge(tag: Tag, into: Tag) {
    await api.post(`${this.path(tag.id)}/merge`, { into: into.id });
    await this.again();
  }

  async remove(tag: Tag, fromClients: boolean) {
    await api.delete(`${this.path(tag.id)}?from_clients=${fromClients}`);
    await this.again();
  }

  /** Whether operators may write tags of their own. */
  async setFree(free_tags: boolean) {
    session.replaceProject(await api.patch<Project>(`/projects/${this.projectId}`, { free_tags }));
  }

  private async again() {
    await Promise.all([this.list.load(), this.followWork()]);
  }

  /** The newest work, unless it is known already and over: a short one may have ended before anybody looks. */
  private async followWork() {
    // Whether something is under way is not needed to see the list.
    const path = `/projects/${this.projectId}/jobs`;
    const page = await api.get<Page<Job<Retagged>>>(path, { kind: KIND, limit: 1 }).catch(() => null);
    if (!page) return;
    const latest = page.items[0];
    const isNew = this.known !== undefined && latest?.id !== this.known;
    this.known = latest?.id ?? '';
    if (latest && (isNew || !hasEnded(latest))) void this.watch.follow(latest);
  }

  private path(id?: string): string {
    return `/projects/${this.projectId}/tags${id ? `/${id}` : ''}`;
  }
}
