import { api } from '$lib/shared/api';
import type { Test } from './contract';
import type { MailingPage } from './editor.svelte';
import type { Somebody } from './sample.svelte';
import { SampleState } from './sample.svelte';

interface TestUser {
  contact_id: string;
  name: string;
  channel: string;
  is_test: boolean;
}
/** Somebody who may get a trial, and what became of the last one. */
export interface Trial extends Somebody {
  channel: string;
  last: Test | null;
}

/** How many get a trial at once. */
export const MOST = 5;
const POLL_MS = 2_000;

/** Trials of a mailing: how a client sees it, and who gets it before the others. */
export class TrialState {
  readonly sample: SampleState;
  /** Chosen for the next trial. */
  chosen = $state<string[]>([]);
  private others = $state.raw<Trial[]>([]);

  constructor(private readonly held: MailingPage) {
    this.sample = new SampleState(held);
  }

  /** Whoever has had one, and the test users. */
  get people(): Trial[] {
    const tried = (this.held.tests.data ?? []).map((last) => ({
      id: last.contact_id,
      name: last.name,
      channel: last.channel,
      last,
    }));
    const known = new Set(tried.map(({ id }) => id));
    return [...tried, ...this.others.filter(({ id }) => !known.has(id))];
  }
  /** Channels in which a trial has arrived, or is on its way. */
  get tried(): Set<string> {
    const gone = (this.held.tests.data ?? []).filter(({ problem }) => !problem);
    return new Set(gone.map(({ channel }) => String(channel)));
  }

  /** A trial on its way is looked after until its end; for as long as the step is open. */
  private readonly timer = setInterval(() => {
    const isWaiting = this.held.tests.data?.some(({ status }) => status === 'queued' || status === 'sending');
    if (isWaiting && document.visibilityState === 'visible') void this.held.tests.load();
  }, POLL_MS);

  async load() {
    void this.sample.load();
    const path = `/projects/${this.held.projectId}/test-users`;
    const [users] = await Promise.all([
      api.get<{ items: TestUser[] }>(path).catch(() => null),
      this.held.tests.load(),
    ]);
    const own = (users?.items ?? []).filter(({ is_test }) => is_test);
    this.others = own.map(({ contact_id, name, channel }) => ({ id: contact_id, name, channel, last: null }));
    this.chosen = this.people.slice(0, MOST).map(({ id }) => id);
  }

  add({ id, name, channel = '' }: Somebody) {
    if (!this.people.some((one) => one.id === id))
      this.others = [...this.others, { id, name, channel, last: null }];
    if (this.chosen.length < MOST && !this.chosen.includes(id)) this.chosen = [...this.chosen, id];
  }

  readonly send = () => this.held.test(this.chosen.slice(0, MOST));

  stop() {
    clearInterval(this.timer);
    this.sample.stop();
  }
}
