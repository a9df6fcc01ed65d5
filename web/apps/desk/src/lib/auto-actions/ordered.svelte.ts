import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { moved } from '$lib/shared/reorder.svelte';
import { Resource } from '$lib/shared/resource.svelte';

/** A list whose order people decide and the server keeps: moved at once, and back again for whoever wants that. */
export class Ordered<Item extends { id: string }> {
  readonly list: Resource<Item[]>;
  private orderBefore = $state.raw<string[] | null>(null);

  constructor(
    private readonly base: string,
    /** What else is asked of the list. */
    query?: () => Record<string, string | undefined>,
  ) {
    this.list = new Resource(() => api.all<Item>(base, query?.()));
  }

  get canUndoOrder(): boolean {
    return this.orderBefore !== null;
  }
  get ids(): string[] {
    return (this.list.data ?? []).map(({ id }) => id);
  }

  find(id: string): Item | undefined {
    return this.list.data?.find((one) => one.id === id);
  }

  path(...rest: string[]): string {
    return [this.base, ...rest].join('/');
  }

  move(from: number, to: number) {
    const before = this.ids;
    void this.order(moved(before, from, to), before);
  }

  undoOrder() {
    if (this.orderBefore) void this.order(this.orderBefore, null);
  }

  /** Adds one in a place: for what was deleted and is wanted back. */
  async putBack(body: unknown, place: number): Promise<Item> {
    const made = await api.post<Item>(this.base, body);
    const ids = this.ids.filter((id) => id !== made.id);
    ids.splice(place, 0, made.id);
    await api.put(this.path('order'), { ids });
    return made;
  }

  /** Does something to one of them; what became of the list is fetched either way. */
  async attempt(action: () => Promise<unknown>) {
    await attempt(action);
    await this.list.load();
  }

  private async order(ids: string[], undoTo: string[] | null) {
    const place = ({ id }: Item) => ids.indexOf(id);
    this.list.data = [...(this.list.data ?? [])].sort((a, b) => place(a) - place(b));
    this.orderBefore = undoTo;
    await this.attempt(() => api.put(this.path('order'), { ids }));
  }
}
