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
import type { HeardBy } from '$lib/live/follows';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

const SEARCH_LIMIT = 20;
/** The change that a decision makes is heard about when it is answered, a little before or after. */
const OWN_CHANGE_MS = 5_000;

/** What people decided about one multi-contact, what rules propose for it, and why it is as it is. */
export class GroupDecisions {
  readonly overrides = new Resource(() => this.fetchOverrides());
  readonly suggestions = new Resource(() => this.fetchSuggestions());
  /** Contacts that decisions and explanations name, outside the group as well. */
  readonly known = new SvelteMap<string, Contact>();
  private members = new Set<string>();
  private contactId: string | null = null;
  private decidedAt = 0;

  constructor(readonly projectId: string) {}

  /** True while a change of the group is most likely the answer to a decision made here. */
  get hasJustDecided(): boolean {
    return Date.now() - this.decidedAt < OWN_CHANGE_MS;
  }

  /** A value of somebody else makes or ends a suggestion: listens until told to stop. */
  follow(): () => void {
    const refresher = new Refresher(() => this.suggestions.load());
    const forget = live.follow('suggestions', (event) => {
      if (event.project_id === this.projectId && changesSuggestions(event)) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
    };
  }

  async load(group: MultiContact, contactId: string) {
    this.contactId = contactId;
    this.members = new Set(group.contacts.map((contact) => contact.id));
    for (const contact of group.contacts) this.known.set(contact.id, contact);
    await Promise.all([this.overrides.load(), this.suggestions.load()]);
  }

  link(a: string, b: string, note: string): Promise<{ id: string }> {
    return this.decide({ kind: 'link', contacts: [a, b], note: note || null });
  }

  /** Parts a contact from its group. Answers, besides the decision, who is with it all the same, as the server has it then. */
  async unlink(contact: string, note: string): Promise<{ id: string; still: Contact[] }> {
    const { id } = await this.decide({ kind: 'unlink', contact, note: note || null });
    const group = await api.get<MultiContact>(this.path(`contacts/${contact}/multi-contact`));
    return { id, still: group.contacts.filter((other) => other.id !== contact) };
  }

  async undo(overrideId: string) {
    this.decidedAt = Date.now();
    await api.delete(this.path(`multi-contact-overrides/${overrideId}`));
    // What it had taken the place of may hold again.
    await this.overrides.load();
  }

  /** Brings back what was just taken back. */
  async restore(overrideId: string) {
    this.decidedAt = Date.now();
    await api.post(this.path(`multi-contact-overrides/${overrideId}/restore`));
    await this.overrides.load();
  }

  async unrefuse(contactId: string, suggestion: Suggestion) {
    await api.delete(this.path(`contacts/${contactId}/suggestions/${suggestion.contact.id}/refuse`));
    await this.suggestions.load();
  }

  async refuse(contactId: string, suggestion: Suggestion) {
    await api.post(this.path(`contacts/${contactId}/suggestions/${suggestion.contact.id}/refuse`));
    this.suggestions.data = this.suggestions.data?.filter((other) => other !== suggestion) ?? null;
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
    return api.all<PastValue>(path);
  }

  private async fetchOverrides(): Promise<Override[]> {
    const items = await api.all<Override>(this.path('multi-contact-overrides'));
    const own = items
      .filter(({ subject, others }) => [subject, ...others].some((id) => this.members.has(id)))
      .sort((a, b) => b.created_at.localeCompare(a.created_at));
    void this.meet(own.flatMap(({ subject, others }) => [subject, ...others.slice(0, 3)]));
    return own;
  }

  private async fetchSuggestions(): Promise<Suggestion[]> {
    if (!this.contactId) return [];
    const path = this.path(`contacts/${this.contactId}/suggestions`);
    const items = await api.all<Suggestion>(path);
    const fresh = items.filter(({ contact }) => !this.members.has(contact.id));
    for (const { contact } of fresh) this.known.set(contact.id, contact);
    return fresh;
  }

  private async decide(body: unknown): Promise<{ id: string }> {
    this.decidedAt = Date.now();
    const made = await api.post<{ id: string }>(this.path('multi-contact-overrides'), body);
    void this.overrides.load();
    return made;
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

function changesSuggestions(event: HeardBy<'suggestions'>): boolean {
  return event.kind !== 'settings.updated' || event.data.resource === 'multi-contact-rules';
}
