import type { Contact, ExplainedAutoActions, Field, NewSuggest, Page, Suggest } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { m } from '$lib/paraglide/messages';
import { labelText } from '$lib/shared/words';
import { ScenariosState } from '$lib/scenarios/list/scenarios.svelte';
import { session } from '$lib/session/session.svelte';
import { titled } from '$lib/shared/fieldTitles';
import { api } from '$lib/shared/api';
import { beginOf, type SpanOrAll } from '$lib/shared/period';
import { Resource } from '$lib/shared/resource.svelte';
import { offerUndo } from '$lib/shared/undo';
import { documentOf, type Action, type Document, type Rule, type Verdict } from './document';
import { Ordered } from './ordered.svelte';
import type { Names } from './words';

const SEARCH_LIMIT = 8;

/** What is asked of the server: which auto-action acts for these facts. */
export interface Asking {
  at?: string;
  visitor_id?: string;
  facts: Record<string, unknown>;
  open_dialog?: boolean;
  auto_actions?: Document[];
}

/** The auto-actions and the suggests of a project, and what they may name. */
export class AutoActionsState {
  readonly rules: Ordered<Rule>;
  readonly suggests: Ordered<Suggest>;
  readonly fields = new Resource(async () =>
    (await api.all<Field>(`/projects/${this.projectId}/fields`)).map(titled),
  );
  readonly scenarios: ScenariosState;
  /** Showings of so many days are counted. */
  span = $state<SpanOrAll>('week');

  constructor(readonly projectId: string) {
    this.rules = new Ordered(`/projects/${projectId}/auto-actions`, () => this.period);
    this.suggests = new Ordered(`/projects/${projectId}/suggests`);
    this.scenarios = new ScenariosState(projectId);
  }

  get timeZone(): string {
    return session.project(this.projectId)?.time_zone ?? 'UTC';
  }

  /** What bounds the numbers, and the people behind them: whole days by the project's clock. */
  get period(): { from?: string } {
    return { from: beginOf(this.span, this.timeZone, Date.now()) };
  }

  countFor(span: SpanOrAll) {
    this.span = span;
    void this.rules.list.load();
  }

  readonly names: Names = {
    field: (key) => this.fields.data?.find((field) => field.key === key)?.title ?? key,
    suggest: (id) => {
      const suggest = this.suggests.find(id);
      return suggest ? labelText(suggest.label) : '…';
    },
    scenario: (id) => this.scenarios.list.data?.find((one) => one.id === id)?.name ?? '…',
  };

  readonly isNumberField = (key: string) =>
    this.fields.data?.find((field) => field.key === key)?.kind === 'number';

  async begin() {
    const lists = [this.rules.list, this.suggests.list, this.fields, this.scenarios.list];
    await Promise.all(lists.map((list) => list.load()));
  }

  /** Follows what others do to them; returns how to stop. */
  follow(): () => void {
    const refresher = new Refresher(() => this.begin());
    const forget = live.follow('autoActions', (event) => {
      if (event.project_id === this.projectId) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
    };
  }

  async saveRule(id: string | null, document: Document) {
    if (id) await api.put(this.rules.path(id), document);
    else await api.post(this.rules.path(), document);
    await this.rules.list.load();
  }

  enable(rule: Rule, enabled: boolean) {
    return this.rules.attempt(() => api.patch(this.rules.path(rule.id), { enabled }));
  }

  /** Whether anything ever came of it, in whichever period. */
  async hasNumbers({ id, counts }: Rule): Promise<boolean> {
    return counts.shown > 0 || (await api.get<Rule>(this.rules.path(id))).counts.shown > 0;
  }

  /** Whoever has numbers is asked first: those do not come back. */
  async removeRule(rule: Rule) {
    const place = this.rules.ids.indexOf(rule.id);
    await this.rules.attempt(async () => {
      await api.delete(this.rules.path(rule.id));
      offerUndo(m.aa_deleted({ title: rule.title }), () =>
        this.rules.attempt(() => this.rules.putBack(documentOf(rule), place)),
      );
    });
  }

  async saveSuggest(id: string | null, body: NewSuggest): Promise<Suggest> {
    const saved = id
      ? await api.patch<Suggest>(this.suggests.path(id), body)
      : await api.post<Suggest>(this.suggests.path(), body);
    await Promise.all([this.suggests.list.load(), this.rules.list.load()]);
    return saved;
  }

  /** The auto-actions that show it. */
  usersOf(id: string): Rule[] {
    return (this.rules.list.data ?? []).filter(({ actions }) => actions.some((action) => shows(action, id)));
  }

  async removeSuggest(suggest: Suggest) {
    const place = this.suggests.ids.indexOf(suggest.id);
    const users = this.usersOf(suggest.id);
    await this.suggests.attempt(async () => {
      await api.delete(this.suggests.path(suggest.id));
      offerUndo(m.sug_deleted({ label: labelText(suggest.label) }), () =>
        this.restoreSuggest(suggest, place, users),
      );
    });
    await this.rules.list.load();
  }

  /** A link to a page of the site that shows there what each auto-action does. */
  async inspect(url: string): Promise<string> {
    return (await api.post<{ url: string }>(this.rules.path('inspect'), { url })).url;
  }

  async explain(asking: Asking): Promise<Verdict[]> {
    const told = await api.post<ExplainedAutoActions>(this.rules.path('explain'), asking);
    return told.items as unknown as Verdict[];
  }

  async search(text: string): Promise<Contact[]> {
    const path = `/projects/${this.projectId}/contacts`;
    return (await api.get<Page<Contact>>(path, { q: text, limit: SEARCH_LIMIT })).items;
  }

  /** It comes back as another one, so whoever showed it is told of that one. */
  private async restoreSuggest({ id, label, target }: Suggest, place: number, users: Rule[]) {
    await this.suggests.attempt(async () => {
      const made = await this.suggests.putBack({ label, target }, place);
      const renamed = (action: Action): Action =>
        action.type === 'show_suggests'
          ? { ...action, suggest_ids: action.suggest_ids.map((one) => (one === id ? made.id : one)) }
          : action;
      for (const user of users) {
        const actions = user.actions.map(renamed);
        await api.put(this.rules.path(user.id), { ...documentOf(user), actions });
      }
    });
    await this.rules.list.load();
  }
}

const shows = (action: Action, id: string) =>
  action.type === 'show_suggests' && action.suggest_ids.includes(id);
