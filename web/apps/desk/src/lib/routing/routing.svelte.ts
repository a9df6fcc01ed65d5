import type {
  Connection,
  Department,
  Field,
  ProjectUser,
  RoutingCondition,
  RoutingSettings,
} from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { m } from '$lib/paraglide/messages';
import { titled } from '$lib/shared/fieldTitles';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Mode = RoutingSettings['mode'];
export type ConditionKind = RoutingCondition['kind'];

export const MODES: Mode[] = ['everyone', 'round_robin', 'least_busy'];
export const KINDS: ConditionKind[] = ['language', 'page', 'field', 'connection'];
/** As the server allows. */
export const MOST_RULES = 50;
export const MOST_CONDITIONS = 5;
/** Seconds that one may choose; 0 for never. */
export const PATIENCE = [0, 30, 60, 120, 300, 600, 1800];

export const modeWords: Record<Mode, { name: () => string; hint: () => string }> = {
  everyone: { name: m.rt_everyone, hint: m.rt_everyone_hint },
  round_robin: { name: m.rt_round_robin, hint: m.rt_round_robin_hint },
  least_busy: { name: m.rt_least_busy, hint: m.rt_least_busy_hint },
};

export const kindNames: Record<ConditionKind, () => string> = {
  language: m.rt_when_language,
  page: m.rt_when_page,
  field: m.rt_when_field,
  connection: m.rt_when_connection,
};

export function patienceText(seconds: number): string {
  if (seconds === 0) return m.rt_never();
  return seconds % 60 === 0
    ? m.rt_after_minutes({ count: seconds / 60 })
    : m.rt_after_seconds({ count: seconds });
}

/** A condition of this kind that says nothing yet. */
export function newCondition(kind: ConditionKind): RoutingCondition {
  switch (kind) {
    case 'language':
      return { kind, language: '' };
    case 'page':
      return { kind, contains: '' };
    case 'field':
      return { kind, field: '', value: '' };
    case 'connection':
      return { kind, connection_id: '' };
  }
}

/** How a project gives out conversations, and how much each of its people has. */
export class RoutingState {
  readonly settings = new Resource(() => api.get<RoutingSettings>(`${this.base}/routing`));
  readonly departments = new Resource(() => api.all<Department>(`${this.base}/departments`));
  readonly people = new Resource(() => api.all<ProjectUser>(`${this.base}/users`));
  readonly fields = new Resource(async () => (await api.all<Field>(`${this.base}/fields`)).map(titled));
  readonly connections = new Resource(() => api.all<Connection>(`${this.base}/connections`));

  private readonly base: string;

  constructor(private readonly projectId: string) {
    this.base = `/projects/${projectId}`;
  }

  async begin() {
    const parts = [this.settings, this.departments, this.people, this.fields, this.connections];
    await Promise.all(parts.map((part) => part.load()));
  }

  /** Follows what others change, but never under the hands of whoever edits; returns how to stop. */
  follow(): () => void {
    const settings = live.follow('routing', (event) => {
      if (event.project_id !== this.projectId) return;
      if (event.data.resource === 'departments') void this.departments.load();
      if (event.data.resource === 'routing') void this.people.load();
    });
    const colleagues = live.onColleague((id, change) => {
      this.people.data =
        this.people.data?.map((person) => (person.id === id ? { ...person, ...change } : person)) ?? null;
    });
    return () => {
      settings();
      colleagues();
    };
  }

  async save(settings: RoutingSettings) {
    this.settings.data = await api.put<RoutingSettings>(`${this.base}/routing`, settings);
  }

  async setLimit(user: ProjectUser, max_open: number | null) {
    try {
      await api.put(`${this.base}/users/${user.id}/limit`, { max_open });
    } finally {
      await this.people.load();
    }
  }

  departmentsOf(user: ProjectUser): string {
    const own = this.departments.data?.filter(({ members }) => members.includes(user.id)) ?? [];
    return own.map(({ name }) => name).join(', ');
  }
}
