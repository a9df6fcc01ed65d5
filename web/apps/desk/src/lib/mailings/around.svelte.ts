import type { Connection } from '@otklik/api';
import type { FlowDocument } from '@otklik/flow';
import { directory } from '$lib/projects/directory.svelte';
import type { Scenario } from '$lib/scenarios/contract';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import type { Names } from './audienceWords';
import type { Mailing } from './contract';
import { SegmentsState } from './segments.svelte';

/** A scenario that a mailing may start. */
export interface Startable {
  id: string;
  name: string;
  version: number;
  /** How many of its launches are for mailings. */
  launches: number;
}

/** What of the project a mailing speaks of: its connections, fields, scenarios, and the other mailings. */
export class Around {
  readonly connections: Resource<Connection[]>;
  readonly mailings: Resource<Mailing[]>;
  readonly scenarios: Resource<Scenario[]>;
  readonly segments: SegmentsState;
  /** Published scenarios, those with a launch for mailings first. */
  readonly startable: Resource<Startable[]>;

  constructor(readonly projectId: string) {
    const project = `/projects/${projectId}`;
    this.connections = new Resource(() => api.all<Connection>(`${project}/connections`));
    this.mailings = new Resource(() => api.all<Mailing>(`${project}/mailings`));
    this.scenarios = new Resource(() => api.all<Scenario>(`${project}/scenarios`));
    this.segments = new SegmentsState(projectId);
    this.startable = new Resource(() => this.findStartable());
  }

  load() {
    void directory.open(this.projectId);
    void this.connections.load();
    void this.mailings.load();
    void this.scenarios.load();
    void this.segments.list.load();
  }

  readonly names: Names = {
    field: (key) => directory.fieldTitle(key),
    connection: (id) => this.connections.data?.find((one) => one.id === id)?.title ?? '…',
    mailing: (id) => this.mailings.data?.find((one) => one.id === id)?.document.title ?? '',
    scenario: (id) => this.scenarios.data?.find((one) => one.id === id)?.name ?? '…',
    segment: (id) => this.segments.list.data?.find((one) => one.id === id)?.name ?? '…',
  };

  private async findStartable(): Promise<Startable[]> {
    const path = `/projects/${this.projectId}/scenarios`;
    const published = (await api.all<Scenario>(path)).flatMap(({ id, name, version }) =>
      version === null ? [] : [{ id, name, version }],
    );
    const found = await Promise.all(
      published.map(async (one) => {
        const version = await api
          .get<{ document: FlowDocument | null }>(`${path}/${one.id}/versions/${one.version}`)
          .catch(() => null);
        const launches = version?.document?.launch.filter(({ kind }) => kind === 'mailing').length ?? 0;
        return { ...one, launches };
      }),
    );
    return found.sort((a, b) => Number(b.launches > 0) - Number(a.launches > 0));
  }
}
