import {
  ApiError,
  type Answer,
  type Department,
  type ProjectUser,
  type Role,
  type Schemas,
  type User,
} from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { m } from '$lib/paraglide/messages';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export interface Invitation {
  email: string;
  name: string;
  role: Role;
  project_ids: string[];
}

export interface RoleWords {
  role: Role;
  name: string;
  hint: string;
}

const roles = (): RoleWords[] => [
  { role: 'operator', name: m.role_operator(), hint: m.role_operator_hint() },
  { role: 'admin', name: m.role_admin(), hint: m.role_admin_hint() },
  { role: 'owner', name: m.role_owner(), hint: m.role_owner_hint() },
];

export const roleName = (role: Role) => roles().find((item) => item.role === role)?.name;

type InvitationLink = Answer<Schemas['InvitationLink']>;

const path = ({ id }: User) => `/users/${id}/invitation`;

/** With the address that this browser came by while the server has no public one. */
const whole = (url: string) => new URL(url, location.origin).href;

/** Only an owner may make owners. */
export const offeredRoles = () =>
  session.user.role === 'owner' ? roles() : roles().filter(({ role }) => role !== 'owner');

/** Who works in this account. */
export class TeamState {
  readonly list = new Resource(() => api.all<User>('/users'));
  /** Those of them who work in the project that is looked at, with what they do there. */
  readonly here = new Resource(() => api.all<ProjectUser>(`/projects/${this.projectId}/users`));
  readonly departments = new Resource(() => api.all<Department>(`/projects/${this.projectId}/departments`));

  constructor(private readonly projectId: string) {}

  /** Loads all, and hears who comes and goes; returns how to stop. */
  open(): () => void {
    [this.list, this.here, this.departments].forEach((part) => void part.load());
    return live.onColleague((id, change) => {
      const people = this.here.data ?? [];
      this.here.data = people.map((person) => (person.id === id ? { ...person, ...change } : person));
    });
  }

  /** What somebody does in this project; null for whoever does not work in it. */
  at(user: User): { person: ProjectUser; departments: string } | null {
    const person = this.here.data?.find(({ id }) => id === user.id);
    const own = this.departments.data?.filter(({ members }) => members.includes(user.id)) ?? [];
    return person ? { person, departments: own.map(({ name }) => name).join(', ') } : null;
  }

  /** The link that the invited person opens. */
  async invite(invitation: Invitation): Promise<string> {
    const { invite_url } = await api.post<{ user: User; invite_url: string }>('/users', invitation);
    await this.list.load();
    return whole(invite_url);
  }

  /** The link of a pending invitation once more; null when it has ended. */
  async linkOf(user: User): Promise<string | null> {
    try {
      return whole((await api.get<InvitationLink>(path(user))).invite_url);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  /** Another link; the former one ends. */
  async renew(user: User): Promise<string> {
    return whole((await api.post<InvitationLink>(path(user))).invite_url);
  }

  async withdraw(user: User) {
    try {
      await api.delete(path(user));
    } finally {
      await this.list.load();
    }
  }

  /** Lost the phone: asked for no code any more, and signed out everywhere. */
  async unlock(user: User) {
    try {
      await api.delete(`/users/${user.id}/second-factor`);
    } finally {
      await this.list.load();
    }
  }

  async change(user: User, values: Partial<User>) {
    try {
      await api.patch(`/users/${user.id}`, values);
    } finally {
      // Refused or not, the switches show what stands.
      await Promise.all([this.list.load(), this.here.load()]);
    }
  }
}
