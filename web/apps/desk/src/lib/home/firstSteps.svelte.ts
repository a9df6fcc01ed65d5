import type { Answer, Conversation, Page, Schemas } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Steps = Answer<Schemas['FirstSteps']>;
export type Step = Extract<keyof Steps['done_at'], string>;

/** In the order in which they make sense. */
export const STEPS: readonly Step[] = [
  'written',
  'answered',
  'installed',
  'connected',
  'invited',
  'published',
];

/** The first steps of a project, ticked by what has happened. Whether they are put away is kept with the project. */
export class FirstSteps {
  readonly steps = new Resource(() => this.fetch());
  /** A conversation that nobody has answered yet, while none was answered. */
  waiting = $state<string | null>(null);

  readonly isHidden = $derived.by(() => this.steps.data?.hidden ?? false);
  readonly done = $derived.by(() => STEPS.filter((step) => this.steps.data?.[step]).length);
  readonly isComplete = $derived(this.done === STEPS.length);
  /** The step to go on with. */
  readonly next = $derived.by(() => STEPS.find((step) => this.steps.data && !this.steps.data[step]) ?? null);

  constructor(private readonly projectId: string) {}

  /** Loads them and follows what happens; returns how to leave. */
  open(): () => void {
    void this.steps.load();
    const refresher = new Refresher(() => this.steps.load());
    const forget = live.follow('firstSteps', (event) => {
      if (event.project_id === this.projectId && !this.isComplete) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
    };
  }

  private async fetch(): Promise<Steps> {
    const base = `/projects/${this.projectId}`;
    const steps = await api.get<Steps>(`${base}/first-steps`);
    if (steps.written && !steps.answered) {
      // Without it the step leads to the list.
      const query = { folder: 'new', limit: 1 };
      const page = await api.get<Page<Conversation>>(`${base}/conversations`, query).catch(() => null);
      this.waiting = page?.items[0]?.id ?? null;
    }
    return steps;
  }

  async hide(hidden: boolean) {
    await api.put<Steps>(`/projects/${this.projectId}/first-steps`, { hidden });
    // Read anew: an answer that was under way meanwhile says what was before.
    await this.steps.load();
  }
}
