import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import type { Counts, MailingReport } from './contract';

/** The report of one mailing. */
export const reportOf = (path: string) => new Resource(() => api.get<MailingReport>(`${path}/report`));

/** A part of the whole, for the bar and for the equation under it. */
export interface Share {
  /** What the people behind it are asked for by. */
  state: string;
  count: number;
}

/** `people = sent + failed + unknown + skipped + sending + queued`, in the order of the bar. */
export const sharesOf = (counts: Counts): Share[] =>
  (['sent', 'failed', 'unknown', 'skipped', 'sending', 'queued'] as const).map((state) => ({
    state,
    count: counts[state],
  }));

/** How far it is: everybody who needs nothing more. */
export const settledOf = (counts: Counts): number => counts.people - counts.queued - counts.sending;
