import type { Answer, Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type Licence = Answer<Schemas['Licence']>;
export type LicenceChange = Answer<Schemas['LicenceChange']>;

/** The account's licence, as the server has it. */
export class LicenceState {
  readonly licence = new Resource(() => api.get<Licence>('/licence'));

  async switchPremium(premium: boolean) {
    this.licence.data = await api.patch<Licence>('/licence', { premium });
  }
}
