import type { Role, User } from '@otklik/api';
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

/** Only an owner may make owners. */
export const offeredRoles = () =>
  session.user.role === 'owner' ? roles() : roles().filter(({ role }) => role !== 'owner');

/** Who works in this account. */
export class TeamState {
  readonly list = new Resource(() => api.all<User>('/users'));

  /** The link that the invited person opens. */
  async invite(invitation: Invitation): Promise<string> {
    const { invite_url } = await api.post<{ user: User; invite_url: string }>('/users', invitation);
    await this.list.load();
    return invite_url;
  }

  async change(user: User, values: Partial<User>) {
    try {
      await api.patch(`/users/${user.id}`, values);
    } finally {
      // Refused or not, the switches show what stands.
      await this.list.load();
    }
  }
}
