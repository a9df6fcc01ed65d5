import type { Department, Field, ProjectUser, Rule } from '@otklik/api';
import { SvelteMap } from 'svelte/reactivity';
import { titled } from '$lib/shared/fieldTitles';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';

/** What every thread of a project needs: its people, fields, departments and rules. Fetched once, again when settings change. */
class Directory {
  users = $state.raw<ProjectUser[]>([]);
  fields = $state.raw<Field[]>([]);
  rules = $state.raw<Rule[]>([]);
  departments = $state.raw<Department[]>([]);
  /** Names of everybody met so far: a list of all projects shows people of each. */
  private readonly names = new SvelteMap<string, string>();
  private readonly departmentNames = new SvelteMap<string, string>();
  private projectId: string | null = null;
  /** A list of conversations does without rules. */
  private isWhole = false;

  constructor() {
    live.follow('directory', (event) => {
      if (event.project_id === this.projectId) void this.refresh();
    });
    live.onColleague((id, change) => {
      this.users = this.users.map((user) => (user.id === id ? { ...user, ...change } : user));
    });
  }

  async open(projectId: string) {
    if (this.projectId === projectId && this.isWhole) return;
    this.begin(projectId);
    this.isWhole = true;
    await this.refresh();
  }

  /** As much as a list of conversations needs. */
  async openForList(projectId: string) {
    if (this.projectId === projectId) return;
    this.begin(projectId);
    await this.refresh();
  }

  private begin(projectId: string) {
    if (this.projectId === projectId) return;
    this.projectId = projectId;
    this.isWhole = false;
    this.users = [];
    this.fields = [];
    this.rules = [];
    this.departments = [];
  }

  async refresh() {
    if (!this.projectId) return;
    const projectId = this.projectId;
    const base = `/projects/${projectId}`;
    // An operator may be refused one of these; the thread works without it.
    const [users, fields, rules, departments] = await Promise.all([
      api.all<ProjectUser>(`${base}/users`).catch(() => null),
      api.all<Field>(`${base}/fields`).catch(() => null),
      this.isWhole ? api.all<Rule>(`${base}/multi-contact-rules`).catch(() => null) : null,
      api.all<Department>(`${base}/departments`).catch(() => null),
    ]);
    // Another project was opened meanwhile.
    if (projectId !== this.projectId) return;
    if (users) this.take(users);
    if (fields) this.fields = fields.map(titled);
    if (rules) this.rules = rules;
    if (departments) this.takeDepartments(departments);
  }

  /** How many are free in each department is told by nobody: it is asked for where it is shown. */
  async refreshDepartments() {
    if (!this.projectId) return;
    const [departments, users] = await Promise.all([
      api.all<Department>(`/projects/${this.projectId}/departments`),
      api.all<ProjectUser>(`/projects/${this.projectId}/users`),
    ]);
    this.takeDepartments(departments);
    this.take(users);
  }

  /** Learns the names of other projects' people, without opening those projects. */
  async meet(projectIds: readonly string[]) {
    for (const id of projectIds) {
      const users = await api.all<ProjectUser>(`/projects/${id}/users`).catch(() => null);
      users?.forEach((user) => this.names.set(user.id, user.name));
      const departments = await api.all<Department>(`/projects/${id}/departments`).catch(() => null);
      departments?.forEach(({ id, name }) => this.departmentNames.set(id, name));
    }
  }

  private take(users: ProjectUser[]) {
    this.users = users;
    users.forEach((user) => this.names.set(user.id, user.name));
  }

  private takeDepartments(departments: Department[]) {
    this.departments = departments;
    departments.forEach(({ id, name }) => this.departmentNames.set(id, name));
  }

  departmentName(id: string | null): string {
    return (id && this.departmentNames.get(id)) || '';
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
