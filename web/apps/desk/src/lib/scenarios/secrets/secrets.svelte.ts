import type { Answer, Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Secret = Answer<Schemas['ScenarioSecret']>;

/** What a secret is written as in a header or a body. */
export const markOf = (name: string) => `{{secret.${name}}}`;

/** The secrets of a project's scenarios: their names and hosts, for nobody sees a value again. */
export class SecretsState {
  readonly list = new Resource(() => api.all<Secret>(this.path()));

  constructor(private readonly projectId: string) {}

  /** Without a value the one that is there stays. */
  async put(name: string, value: string, hosts: readonly string[]): Promise<void> {
    await api.put(this.path(name), { hosts, ...(value && { value }) });
    await this.list.load();
  }

  async remove(name: string): Promise<void> {
    await api.delete(this.path(name));
    await this.list.load();
  }

  private path(name = ''): string {
    return `/projects/${this.projectId}/scenario-secrets${name && `/${encodeURIComponent(name)}`}`;
  }
}
