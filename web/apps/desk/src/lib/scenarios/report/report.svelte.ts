import type { Answer, Connection, Page, Schemas } from '@otklik/api';
import type { Block, FlowDocument } from '@otklik/flow';
import { directory } from '$lib/projects/directory.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import type { Scenario } from '../contract';

export type Numbers = Answer<Schemas['BlockNumbers']>;
export type Recipient = Answer<Schemas['ScenarioRecipient']>;
export type Report = Omit<Answer<Schemas['ScenarioReport']>, 'document'> & { document: FlowDocument };

/** A mailing that began runs of the scenario, by its name. */
export interface OfMailing {
  id: string;
  title: string;
}

/** Which runs are counted; empty for all of them. */
export interface Filter {
  from: string;
  to: string;
  launch: string;
  version: string;
  connection_id: string;
  mailing_id: string;
}

export const ALL: Filter = { from: '', to: '', launch: '', version: '', connection_id: '', mailing_id: '' };

/** The numbers of a scenario over its scheme. */
export class ReportState {
  filter: Filter;
  /** What the shown numbers are the answer to. */
  answered: Filter;
  /** The numbers that are shown answer an earlier question. */
  isAsking = $state(false);
  /** Blocks that the shown version does not have, out of the versions that had them. */
  older = $state.raw<ReadonlyMap<string, Block>>(new Map());
  readonly report: Resource<Report>;
  readonly channels: Resource<Connection[]>;
  /** Mailings that have begun the scenario, to choose among. */
  readonly mailings: Resource<OfMailing[]>;
  /** For the names of those that are called. */
  readonly others: Resource<Scenario[]>;

  constructor(
    private readonly projectId: string,
    private readonly scenarioId: string,
    filter: Filter = ALL,
  ) {
    this.filter = $state.raw(filter);
    this.answered = $state.raw(filter);
    const project = `/projects/${projectId}`;
    this.report = new Resource(() => api.get<Report>(`${this.path}/report`, { ...this.filter }));
    this.channels = new Resource(() => api.all<Connection>(`${project}/connections`));
    this.mailings = new Resource(() => this.findMailings());
    this.others = new Resource(() => api.all<Scenario>(`${project}/scenarios`));
  }

  async load() {
    void this.channels.load();
    void this.others.load();
    void this.mailings.load();
    void directory.open(this.projectId);
    await this.ask({});
  }

  /** As it is called now; a version keeps the name of its day. */
  get name(): string {
    const scenario = this.others.data?.find(({ id }) => id === this.scenarioId);
    return scenario?.name ?? this.report.data?.document.name ?? '';
  }
  get isFiltered(): boolean {
    return Object.values(this.filter).some(Boolean);
  }
  get isBackwards(): boolean {
    const { from, to } = this.filter;
    return from !== '' && to !== '' && from > to;
  }

  /** Old numbers stay until the new ones are here. */
  async ask(change: Partial<Filter>) {
    this.filter = { ...this.filter, ...change };
    const asked = this.filter;
    this.isAsking = !this.isBackwards;
    if (this.isBackwards) return;
    await this.report.load();
    if (asked !== this.filter) return;
    this.isAsking = false;
    if (this.report.error) return;
    this.answered = asked;
    await this.nameOlder();
  }

  /** Those behind a number that is shown, whatever has been asked since. */
  recipients(block: string, exit: string): RecipientList {
    const path = `${this.path}/report/blocks/${encodeURIComponent(block)}/recipients`;
    return new RecipientList(path, this.answered, exit);
  }

  /** Just the people of a list, as a condition of an audience. */
  segment(list: RecipientList, block: string): Promise<Segment> {
    return list.segment(this.scenarioId, block);
  }

  /** Whose runs may be told apart: what has not begun yet has none. */
  private async findMailings(): Promise<OfMailing[]> {
    const all = await api.all<Answer<Schemas['Mailing']>>(`/projects/${this.projectId}/mailings`);
    return all
      .filter(({ document, state }) => document.body?.scenario_id === this.scenarioId && state !== 'draft')
      .map(({ id, document }) => ({ id, title: document.title }));
  }

  /** The newest version that had a block says what it was; without that its id stays. */
  private async nameOlder() {
    const { data } = this.report;
    if (!data) return;
    const known = new Map(this.older);
    for (const version of data.versions) {
      if (data.older_blocks.every((id) => known.has(id))) break;
      if (version === data.version) continue;
      const found = await api
        .get<{ document: FlowDocument | null }>(`${this.path}/versions/${version}`)
        .catch(() => null);
      for (const block of found?.document?.blocks ?? []) if (!known.has(block.id)) known.set(block.id, block);
    }
    this.older = known;
  }

  private get path() {
    return `/projects/${this.projectId}/scenarios/${this.scenarioId}`;
  }
}

/** Everybody who answered wrongly, however they went on: the word of the API for it is that of the exit, too. */
export const WRONG = 'wrong';
export const WAITING = '-';
export const ENDED = '.';
const INCORRECT = 'incorrect';
/** As many contacts as a mailing may name one by one. */
const MOST_CONTACTS = 10_000;

/** A condition of an audience: who stands behind a number. */
export type Segment =
  { contacts: string[] } | { report: { scenario_id: string; block: string; [key: string]: string } };

/** The people behind one number, the last first, by page. */
export class RecipientList {
  items = $state.raw<Recipient[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  private cursor: string | null = null;

  constructor(
    private readonly path: string,
    private readonly filter: Filter,
    private readonly exit: string,
  ) {}

  readonly load = async () => {
    this.error = null;
    try {
      this.items = await this.page(null);
    } catch (error) {
      this.error = error;
    }
  };

  async more() {
    this.items = [...(this.items ?? []), ...(await this.page(this.cursor))];
  }

  /**
   * For a mailing to just these people: what the server can find again by itself, or the contacts where it cannot tell
   * them apart.
   */
  async segment(scenarioId: string, block: string): Promise<Segment> {
    const { from, to, mailing_id, launch, version, connection_id } = this.filter;
    if (launch || version || connection_id || this.exit === WRONG || this.exit === INCORRECT)
      return { contacts: await this.contacts() };
    const asked = { exit: this.exit, from, to, mailing_id };
    const known = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''));
    return { report: { scenario_id: scenarioId, block, ...known } };
  }

  /** Everybody of them, as many as a mailing may name. */
  private async contacts(): Promise<string[]> {
    if (this.items === null) await this.load();
    while (this.hasMore && (this.items?.length ?? 0) < MOST_CONTACTS) await this.more();
    const ids = new Set((this.items ?? []).map(({ contact_id }) => contact_id));
    return [...ids].slice(0, MOST_CONTACTS);
  }

  private async page(from: string | null): Promise<Recipient[]> {
    const exit = this.exit === WRONG ? INCORRECT : this.exit;
    const page = await api.get<Page<Recipient>>(this.path, { ...this.filter, exit, cursor: from });
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
    // Who erred and then answered is behind the number of wrong answers, not behind that of the exit.
    const items = page.items.filter((one) => this.exit !== INCORRECT || one.exit === INCORRECT);
    return items.length === 0 && this.hasMore ? this.page(this.cursor) : items;
  }
}
