import type { Project } from '@otklik/api';
import { getLocale } from '$lib/paraglide/runtime';
import { m } from '$lib/paraglide/messages';

/** When the team answers, and how soon. */
export type ReplyDraft = Pick<Project, 'working_hours'> & { reply_minutes: number | null };

export type Span = Project['working_hours'][number];

/** As the server allows. */
export const MOST_SPANS = 21;

/** Minutes that an owner may promise; 0 for nothing. */
export const PROMISES = [0, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440];

const MINUTES_OF_HOUR = 60;

/** What a project has, to be edited. */
export function replyDraft({ working_hours, reply_minutes }: Project): ReplyDraft {
  const spans = working_hours.map((span) => ({ ...span, days: [...span.days] }));
  return { working_hours: spans, reply_minutes: reply_minutes ?? null };
}

/** What is wrong before anything is sent, by path. */
export function faultsOf({ working_hours }: ReplyDraft): Record<string, string> {
  const empty = working_hours.flatMap(({ days }, at) => (days.length ? [] : [`working_hours.${at}.days`]));
  return Object.fromEntries(empty.map((path) => [path, m.menu_days_none()]));
}

/** What most offices have. */
export const newSpan = (): Span => ({
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '09:00',
  to: '18:00',
});

/** "5 минут", "2 часа". */
export function promiseText(minutes: number): string {
  if (minutes === 0) return m.reply_no_promise();
  const isHours = minutes % MINUTES_OF_HOUR === 0;
  const count = isHours ? minutes / MINUTES_OF_HOUR : minutes;
  return count.toLocaleString(getLocale(), {
    style: 'unit',
    unit: isHours ? 'hour' : 'minute',
    unitDisplay: 'long',
  });
}
