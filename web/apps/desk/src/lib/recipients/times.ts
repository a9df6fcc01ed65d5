import { m } from '$lib/paraglide/messages';
import { clock } from '$lib/shared/clock.svelte';
import { shortMoment } from '$lib/shared/format';

interface Times {
  created_at: string;
  sent_at: string | null;
  /** Since when it stands as it does, where that is another moment. */
  stands: { name: string; at: string } | null;
}

/** When a message was made for a person, when it went out, and since when it stands as it does. */
export function timesText({ created_at, sent_at, stands }: Times): string {
  const told = [m.rep_created({ time: shortMoment(created_at, clock.now) })];
  const at = (word: string, time: string) =>
    told.push(m.rep_status_at({ status: word.toLocaleLowerCase(), time: shortMoment(time, clock.now) }));
  if (sent_at) at(m.delivery_sent(), sent_at);
  if (stands) at(stands.name, stands.at);
  return told.join(' · ');
}
