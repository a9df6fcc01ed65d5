import { m } from '$lib/paraglide/messages';
import { shortMoment } from '$lib/shared/format';
import type { Choice } from './when';

export const choiceNames: Record<Choice['key'], () => string> = {
  hour: m.snooze_hour,
  evening: m.snooze_evening,
  tomorrow: m.snooze_tomorrow,
  monday: m.snooze_monday,
};

/** How long a conversation is put off. */
export const snoozedText = (until: string | null, now: number): string =>
  until ? m.snoozed_until({ time: shortMoment(until, now) }) : m.snoozed_until_reply();
