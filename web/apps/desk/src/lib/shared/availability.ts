import type { Availability } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

/** What a colleague says of himself, in the order in which one chooses. */
export const AVAILABILITIES: Availability[] = ['available', 'busy', 'away'];

export function availabilityName(availability: Availability): string {
  const names: Record<Availability, () => string> = {
    available: m.avail_available,
    busy: m.avail_busy,
    away: m.avail_away,
  };
  return names[availability]();
}

/** What others see of a colleague: who is not here says nothing more. */
export const colleagueStatus = (person: { online: boolean; availability: Availability }): string =>
  person.online ? availabilityName(person.availability) : m.avail_offline();
