import type { Field, ProjectUser, Rule } from '@otklik/api';
import { SvelteMap } from 'svelte/reactivity';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';

/** What every thread of a project needs: its people, fields and rules. Fetched once, again when settings change. */
class Directory {
  users = $state.raw<ProjectUser[]>([]);
  fields = $state.raw<Field[]>([]);
  rules = $state.raw<Rule[]>([]);
  /** Names of everybody met so far: a list of all projects shows people of each. */
  private readonly names = new SvelteMap<string, string>();
  private projectId: string | null = null;

  constructor() {
    live.follow('directory', (event) => {
      if (event.project_id === this.projectId) void this.refresh();
    });
  }

  async open(projectId: string) {
    if (this.projectId === projectId) return;
    this.projectId = projectId;
    this.users = [];
    this.fields = [];
    this.rules = [];
    await this.refresh();
  }

  async refresh() {
    if (!this.projectId) return;
    const base = `/projects/${this.projectId}`;
    // An operator may be refused one of these; the thread works without it.
    const [users, fields, rules] = await Promise.all([
      api.all<ProjectUser>(`${base}/users`).catch(() => null),
      api.all<Field>(`${base}/fields`).catch(() => null),
      api.all<Rule>(`${base}/multi-contact-rules`).catch(() => null),
    ]);
    if (users) this.take(users);
    if (fields) this.fields = fields;
    if (rules) this.rules = rules;
  }

  /** Learns the names of other projects' people, without opening those projects. */
  async meet(projectIds: readonly string[]) {
    for (const id of projectIds) {
      const users = await api.all<ProjectUser>(`/projects/${id}/users`).catch(() => null);
      users?.forEach((user) => this.names.set(user.id, user.name));
    }
  }

  private take(users: ProjectUser[]) {
    this.users = users;
    users.forEach((user) => this.names.set(user.id, user.name));
  }

  userName(id: string | null): string {
    return (id && this.names.get(id)) || '';
  }
  fieldTitle(key: string): string {
    return this.fields.find((field) => field.key === key)?.title ?? key;
  }
  /** The number people see in settings: the place in the list, not the id. */
  ruleNumber(id: string | null): number | null {
    const index = [...this.rules].sort((a, b) => a.position - b.position).findIndex((rule) => rule.id === id);
    return index < 0 ? null : index + 1;
  }
}

export const directory = new Directory();
