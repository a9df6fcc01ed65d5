import type { Answer, Project, Schemas } from '@otklik/api';
import { hasEnded } from '$lib/jobs/job.svelte';
import { live } from '$lib/live/live.svelte';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Demo = Answer<Schemas['Demo']>;

/** Events of a project that no page follows yet do not come here: it is asked. */
const POLL_MS = 1_000;

/** Demo data of the account, for its owner: off, being made, or a project of their own. */
export class DemoData {
  readonly demo = new Resource(() => this.fetch());
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOpen = false;

  readonly project = $derived.by(() => this.demo.data?.projects.at(-1) ?? null);
  readonly job = $derived.by(() => this.demo.data?.job ?? null);
  readonly isMaking = $derived(this.job !== null && !hasEnded(this.job));
  /** It came to no end: what there is of it can only be removed. */
  readonly isBroken = $derived(this.job?.state === 'failed' || this.job?.state === 'cancelled');

  /** Loads how it stands and follows a making; returns how to leave. */
  open(): () => void {
    this.isOpen = true;
    void this.demo.load();
    return () => {
      this.isOpen = false;
      clearTimeout(this.timer);
    };
  }

  private async fetch(): Promise<Demo> {
    clearTimeout(this.timer);
    try {
      const demo = await api.get<Demo>('/demo');
      const { job } = demo;
      if (job && !hasEnded(job)) this.askAgain();
      else await this.know(demo);
      return demo;
    } catch (error) {
      // Half-way a lost link is asked again, too.
      if (this.isMaking) this.askAgain();
      throw error;
    }
  }

  private askAgain() {
    if (this.isOpen) this.timer = setTimeout(() => void this.demo.load(), POLL_MS);
  }

  /** What was made is a project of the desk's from now on. */
  private async know({ projects }: Demo) {
    for (const { id } of projects) {
      if (session.project(id)) continue;
      session.replaceProject(await api.get<Project>(`/projects/${id}`));
      live.followProjects();
    }
  }

  async turnOn() {
    await api.post<Demo>('/demo');
    await this.demo.load();
  }

  /** What was made so far is taken back by the job itself. */
  async cancel() {
    const { job } = this;
    if (job) await api.post(`/projects/${job.project_id}/jobs/${job.id}/cancel`);
    await this.demo.load();
  }

  /** What the page knows of the project and of positions is gone with it: it begins anew, away from the project. */
  async turnOff(name: string) {
    const { project } = this;
    if (!project) return;
    await api.delete(`/demo/${project.id}?name=${encodeURIComponent(name)}`);
    live.stop();
    location.assign('/sites');
  }
}
