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
  readonly list = new Resource<TestUser[]>(async () => this.arranged(await api.all<TestUser>(this.path)));
  readonly chosen = $derived((this.list.data ?? []).filter(({ is_test }) => is_test));
  readonly isFull = $derived(this.chosen.length >= MOST);
  private readonly path: string;
  /** Choices go one after the other: each names all that are chosen. */
  private last: Promise<unknown> = Promise.resolve();

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
    const before = this.list.data;
    this.list.data = (before ?? []).map((one) => ({ ...one, is_test: ids.includes(one.contact_id) }));
    const sent = this.last.then(() => attempt(() => this.send(ids), whyNot));
    this.last = sent;
    return sent;
  }

  private async send(ids: readonly string[]) {
    try {
      const { items } = await api.put<{ items: TestUser[] }>(this.path, { contact_ids: ids });
      this.list.data = this.arranged(items);
    } catch (error) {
      await this.list.load();
      throw error;
    }
  }

  private arranged(items: TestUser[]): TestUser[] {
    return inOrder(this.list.data ?? [], items);
  }
}

/** Somebody else may have chosen the third meanwhile. */
const whyNot = (error: unknown): string =>
  error instanceof ApiError && error.status === 422 ? m.tus_full() : problemText(error);
