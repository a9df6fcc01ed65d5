import {
  type Contact,
  type MultiContact,
  type Override,
  type Page,
  type PastValue,
  type Suggestion,
  type Why,
} from '@otklik/api';
import { SvelteMap } from 'svelte/reactivity';
import { api } from './session.svelte';

const SEARCH_LIMIT = 20;

/** What people decided about one multi-contact, what rules propose for it, and why it is as it is. */
export class GroupDecisions {
  overrides = $state.raw<Override[]>([]);
  suggestions = $state.raw<Suggestion[]>([]);
  /** Contacts that decisions and explanations name, outside the group as well. */
  readonly known = new SvelteMap<string, Contact>();
  private members = new Set<string>();
  private generation = 0;

  constructor(readonly projectId: string) {}

  async load(group: MultiContact, contactId: string) {
    const generation = ++this.generation;
    this.members = new Set(group.contacts.map((contact) => contact.id));
    for (const contact of group.contacts) this.known.set(contact.id, contact);
    // The card works without either.
    const [overrides, suggestions] = await Promise.all([
      api.get<Page<Override>>(this.path('multi-contact-overrides')).catch(() => null),
      api.get<Page<Suggestion>>(this.path(`contacts/${contactId}/suggestions`)).catch(() => null),
    ]);
    if (generation !== this.generation) return;
    this.overrides = (overrides?.items ?? [])
      .filter(({ subject, others }) => [subject, ...others].some((id) => this.members.has(id)))
      .sort((a, b) => b.created_at.localeCompare(a.created_at));
    this.suggestions = (suggestions?.items ?? []).filter(({ contact }) => !this.members.has(contact.id));
    for (const { contact } of this.suggestions) this.known.set(contact.id, contact);
    await this.meet(this.overrides.flatMap(({ subject, others }) => [subject, ...others.slice(0, 3)]));
  }

  link(a: string, b: string, note: string): Promise<{ id: string }> {
    return this.decide({ kind: 'link', contacts: [a, b], note: note || null });
  }

  unlink(contact: string, note: string): Promise<{ id: string }> {
    return this.decide({ kind: 'unlink', contact, note: note || null });
  }

  async undo(overrideId: string) {
    await api.delete(this.path(`multi-contact-overrides/${overrideId}`));
    this.overrides = this.overrides.filter((override) => override.id !== overrideId);
  }

  async refuse(contactId: string, suggestion: Suggestion) {
    await api.post(this.path(`contacts/${contactId}/suggestions/${suggestion.contact.id}/refuse`));
    this.suggestions = this.suggestions.filter((other) => other !== suggestion);
  }

  async why(a: string, b: string): Promise<Why> {
    const why = await api.get<Why>(this.path(`contacts/${a}/why/${b}`));
    const inReasons = why.reasons.flatMap((reason) => ('contact' in reason ? reason.contact : []));
    await this.meet([...why.path.flatMap(({ from, to }) => [from, to]), ...inReasons]);
    return why;
  }

  async search(text: string): Promise<Contact[]> {
    const page = await api.get<Page<Contact>>(this.path('contacts'), { q: text, limit: SEARCH_LIMIT });
    for (const contact of page.items) this.known.set(contact.id, contact);
    return page.items;
  }

  async fieldHistory(contactId: string, key: string): Promise<PastValue[]> {
    const path = this.path(`contacts/${contactId}/fields/${encodeURIComponent(key)}/history`);
    return (await api.get<Page<PastValue>>(path)).items;
  }

  private async decide(body: unknown): Promise<{ id: string }> {
    return api.post<{ id: string }>(this.path('multi-contact-overrides'), body);
  }

  /** Fetches contacts that are only named by id. A deleted one stays unknown. */
  private async meet(ids: string[]) {
    const strangers = [...new Set(ids)].filter((id) => !this.known.has(id));
    const found = await Promise.all(
      strangers.map((id) => api.get<Contact>(this.path(`contacts/${id}`)).catch(() => null)),
    );
    for (const contact of found) if (contact) this.known.set(contact.id, contact);
  }

  private path(rest: string): string {
    return `/projects/${this.projectId}/${rest}`;
  }
}
