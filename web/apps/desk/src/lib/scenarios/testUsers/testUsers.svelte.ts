import { ApiError, type Answer, type Schemas } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { m } from '$lib/paraglide/messages';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { problemText } from '$lib/shared/problem';
import { Resource } from '$lib/shared/resource.svelte';
import { inOrder } from './order';

export type TestUser = Answer<Schemas['TestUser']>;

/** Test users of a project at most. */
export const MOST = 3;

/** Who of those that wrote lately tries the drafts of a project. */
export class TestUsers {
  readonly list = new Resource<TestUser[]>(() => this.fetch());
  readonly chosen = $derived((this.list.data ?? []).filter(({ is_test }) => is_test));
  readonly isFull = $derived(this.chosen.length >= MOST);
  private readonly path: string;
  /** Choices go one after the other: each names all that are chosen. */
  private last: Promise<unknown> = Promise.resolve();
  /** Choices made so far, and those of them that are not answered yet. */
  private made = 0;
  private waiting = 0;

  constructor(private readonly projectId: string) {
    this.path = `/projects/${projectId}/test-users`;
  }

  /** Sees at once who writes; returns how to stop. */
  follow(): () => void {
    const refresher = new Refresher(() => this.list.load());
    const forget = live.follow('testUsers', (event) => {
      if (event.project_id === this.projectId) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
    };
  }

  /** Chooses one or lets go of one. What the server refuses is as it was before. */
  set(user: TestUser, isTest: boolean): Promise<boolean> {
    const others = this.ids().filter((id) => id !== user.contact_id);
    return this.choose(isTest ? [...others, user.contact_id] : others);
  }

  ids(): string[] {
    return this.chosen.map(({ contact_id }) => contact_id);
  }

  choose(ids: readonly string[]): Promise<boolean> {
    this.list.data = (this.list.data ?? []).map((one) => ({ ...one, is_test: ids.includes(one.contact_id) }));
    this.made++;
    this.waiting++;
    const sent = this.last.then(() => attempt(() => this.send(ids), whyNot));
    this.last = sent;
    return sent;
  }

  /** The screen keeps the newest choice until the answer to it is there, not to an older one. */
  private async send(ids: readonly string[]) {
    try {
      const { items } = await api.put<{ items: TestUser[] }>(this.path, { contact_ids: ids });
      if (--this.waiting === 0) this.list.data = this.arranged(items);
    } catch (error) {
      if (--this.waiting === 0) await this.list.load();
      throw error;
    }
  }

  /** A list that was asked for before a choice must not take it back on the screen. */
  private async fetch(): Promise<TestUser[]> {
    for (;;) {
      while (this.waiting > 0) await this.last;
      const made = this.made;
      const items = await api.all<TestUser>(this.path);
      if (made === this.made) return this.arranged(items);
    }
  }

  private arranged(items: TestUser[]): TestUser[] {
    return inOrder(this.list.data ?? [], items);
  }
}

/** Somebody else may have chosen the third meanwhile. */
const whyNot = (error: unknown): string =>
  error instanceof ApiError && error.status === 422 ? m.tus_full() : problemText(error);
