import type { Schemas } from '@otklik/api';
import { api } from '$lib/shared/api';

/** Whether Premium works, and until when, as far as this person may know. */
export class LicenceSeen {
  /** Null until it is known. */
  isOn = $state<boolean | null>(null);
  until = $state<string | null>(null);

  async load() {
    const licence = await api.get<Schemas['Licence']>('/licence').catch(() => null);
    if (!licence) return;
    this.isOn = licence.premium_works;
    this.until = licence.period_to ?? null;
  }
}
