import { m } from '$lib/paraglide/messages';
import { momentText } from '$lib/shared/format';
import type { LicenceChange } from './licence.svelte';

/** What somebody changed, in words; what has none yet is shown as it is kept. */
export function changeText({ what, value }: Pick<LicenceChange, 'what' | 'value'>): string {
  switch (what) {
    case 'premium':
      return value === 'on' ? m.lic_changed_on() : m.lic_changed_off();
    case 'seats':
      return value === '0' ? m.lic_changed_seats_any() : m.lic_changed_seats({ count: value });
    case 'period':
      return m.lic_changed_period({ date: momentText(value) });
    case 'grace_until':
      return value ? m.lic_changed_grace({ date: momentText(value) }) : m.lic_changed_grace_none();
    default:
      return `${what}: ${value}`;
  }
}
