import type { Contact, MultiContactSettings, Page, Rule, ValueState } from '@otklik/api';
import { api } from '$lib/shared/api';

const HOLDERS_LIMIT = 200;

/** Values over the limit, and what was decided about values. A decision works at once. */
export class ValueDecisions {
  items = $state.raw<ValueState[] | null>(null);
  error = $state.raw<unknown>(null);

  constructor(private readonly projectId: string) {}

  async load() {
    try {
      this.items = await api.all<ValueState>(this.path('multi-contact-values'));
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  of(state: ValueState['state']): ValueState[] {
    return (this.items ?? []).filter((item) => item.state === state);
  }

  async decide(field: string, value: string, state: 'blocked' | 'allowed') {
    await api.post(this.path('multi-contact-values'), { field, value, state });
    await this.load();
  }

  async forget(field: string, value: string) {
    await api.delete(this.path('multi-contact-values'), { field, value });
    await this.load();
  }

  /** Clients that hold all the values at once; `more` when the list is cut. */
  async holders(pairs: { field: string; value: string }[]): Promise<{ contacts: Contact[]; more: boolean }> {
    const pages = await Promise.all(pairs.map((pair) => this.holdersOf(pair)));
    const [first, ...rest] = pages.sort((a, b) => a.items.length - b.items.length);
    const contacts = (first?.items ?? []).filter((contact) =>
      rest.every((page) => page.next_cursor !== null || page.items.some(({ id }) => id === contact.id)),
    );
    return { contacts, more: first?.next_cursor != null };
  }

  private holdersOf({ field, value }: { field: string; value: string }): Promise<Page<Contact>> {
    return api.get<Page<Contact>>(this.path('contacts'), { field, value, limit: HOLDERS_LIMIT });
  }

  private path(rest: string): string {
    return `/projects/${this.projectId}/${rest}`;
  }
}

/** The project's limit under which a value would join again; null where the limit of its rule, or another guard, holds it. */
export function helpfulLimit(
  item: ValueState,
  rules: Pick<Rule, 'fields' | 'hub_limit'>[],
  settings: MultiContactSettings | null,
): number | null {
  if (item.guard !== 'hub' || !settings?.hub_limit || settings.hub_limit >= item.holders) return null;
  const fields = item.parts.map(({ field }) => field);
  const isItsRule = (rule: (typeof rules)[number]) =>
    rule.fields.length === fields.length && rule.fields.every((field) => fields.includes(field));
  return rules.some((rule) => isItsRule(rule) && rule.hub_limit === null) ? item.holders : null;
}
