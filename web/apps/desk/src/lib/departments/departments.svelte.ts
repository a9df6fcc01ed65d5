import type { Department, NewDepartment, ProjectUser } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

/** Departments of a project, and the people who may work in them. */
export class DepartmentsState {
  readonly list = new Resource(() => api.all<Department>(this.path()));
  readonly people = new Resource(() => api.all<ProjectUser>(`/projects/${this.projectId}/users`));

  constructor(private readonly projectId: string) {}

  async begin() {
    await Promise.all([this.list.load(), this.people.load()]);
  }

  /** Follows what others change; returns how to stop. */
  follow(): () => void {
    return live.follow('departments', (event) => {
      const isOurs = event.project_id === this.projectId && event.data.resource === 'departments';
      if (isOurs) void this.list.load();
    });
  }

  names(ids: readonly string[]): string {
    const people = this.people.data ?? [];
    return ids.flatMap((id) => people.find((person) => person.id === id)?.name ?? []).join(', ');
  }

  async save(id: string | null, body: NewDepartment) {
    if (id) await api.patch(this.path(id), body);
    else await api.post(this.path(), body);
    await this.list.load();
  }

  async move(department: Department, position: number) {
    try {
      await api.patch(this.path(department.id), { position });
    } finally {
      await this.list.load();
    }
  }

  async remove(department: Department) {
    try {
      await api.delete(this.path(department.id));
    } finally {
      await this.list.load();
    }
  }

  private path(id?: string): string {
    return `/projects/${this.projectId}/departments${id ? `/${id}` : ''}`;
  }
}
