import type { Answer, Page, Schemas } from '@otklik/api';
import type { FlowDocument } from '@otklik/flow';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Numbers = Answer<Schemas['BlockNumbers']>;
export type Recipient = Answer<Schemas['ScenarioRecipient']>;
export type Report = Omit<Answer<Schemas['ScenarioReport']>, 'document'> & { document: FlowDocument };

/** Which runs are counted; empty for all of them. */
export interface Filter {
  from: string;
  to: string;
  launch: string;
  version: string;
}

export const ALL: Filter = { from: '', to: '', launch: '', version: '' };

/** The numbers of a scenario over its scheme. */
export class ReportState {
  filter = $state.raw<Filter>(ALL);
  readonly report: Resource<Report>;

  constructor(
    private readonly projectId: string,
    private readonly scenarioId: string,
  ) {
    this.report = new Resource(() => api.get<Report>(this.path, { ...this.filter }));
  }

  /** Old numbers stay until the new ones are here. */
  ask(change: Partial<Filter>) {
    this.filter = { ...this.filter, ...change };
    void this.report.load();
  }

  recipients(block: string, exit: string): RecipientList {
    return new RecipientList(`${this.path}/blocks/${encodeURIComponent(block)}/recipients`, {
      ...this.filter,
      exit,
    });
  }

  private get path() {
    return `/projects/${this.projectId}/scenarios/${this.scenarioId}/report`;
  }
}

/** The people behind one number, the last first, by page. */
export class RecipientList {
  items = $state.raw<Recipient[] | null>(null);
  error = $state.raw<unknown>(null);
  hasMore = $state(false);
  private cursor: string | null = null;

  constructor(
    private readonly path: string,
    private readonly query: Record<string, string>,
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

  private async page(cursor: string | null): Promise<Recipient[]> {
    const page = await api.get<Page<Recipient>>(this.path, { ...this.query, cursor });
    this.cursor = page.next_cursor;
    this.hasMore = this.cursor !== null;
    return page.items;
  }
}
