import type { Answer, Conversation, Page, Schemas } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Steps = Answer<Schemas['FirstSteps']>;
export type Step = Extract<keyof Steps, string>;

/** In the order in which they make sense. */
export const STEPS: readonly Step[] = [
  'written',
  'answered',
  'installed',
  'connected',
  'invited',
  'published',
];

const memory = (projectId: string) => `otklik.first_steps.${projectId}`;

/** The first steps of a project, ticked by what has happened. Hiding them is a choice of this browser. */
export class FirstSteps {
  readonly steps = new Resource(() => this.fetch());
  /** A conversation that nobody has answered yet, while none was answered. */
  waiting = $state<string | null>(null);
  isHidden = $state(false);

  readonly done = $derived.by(() => STEPS.filter((step) => this.steps.data?.[step]).length);
  readonly isComplete = $derived(this.done === STEPS.length);
  /** The step to go on with. */
  readonly next = $derived.by(() => STEPS.find((step) => this.steps.data && !this.steps.data[step]) ?? null);

  constructor(private readonly projectId: string) {
    this.isHidden = localStorage.getItem(memory(projectId)) === 'hidden';
  }

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

  hide(isHidden: boolean) {
    this.isHidden = isHidden;
    if (isHidden) localStorage.setItem(memory(this.projectId), 'hidden');
    else localStorage.removeItem(memory(this.projectId));
  }
}
