import { m } from '$lib/paraglide/messages';
import { count } from '$lib/shared/format';
import { codeText } from '$lib/shared/problem';
import type { Mailing, MailingDocument, MailingState, Preflight } from './contract';

const stateNames: Record<MailingState, () => string> = {
  draft: m.mailing_state_draft,
  scheduled: m.mailing_state_scheduled,
  preparing: m.mailing_state_preparing,
  running: m.mailing_state_running,
  paused: m.mailing_state_paused,
  stopping: m.mailing_state_stopping,
  done: m.mailing_state_done,
  stopped: m.mailing_state_stopped,
  failed: m.mailing_state_failed,
};
const stateTones: Partial<Record<MailingState, string>> = {
  draft: 'note',
  scheduled: 'accent',
  preparing: 'accent',
  running: 'accent',
  paused: 'note',
  stopping: 'note',
  done: 'success',
  failed: 'danger',
};

export const stateName = (state: MailingState): string => stateNames[state]?.() ?? state;
/** The badge of a mailing: its words and its tone. */
export const badgeOf = ({ state, held }: Pick<Mailing, 'state' | 'held'>) =>
  held
    ? { text: m.mailing_state_held(), tone: 'note' }
    : { text: stateName(state), tone: stateTones[state] ?? '' };

const recipientNames: Record<string, () => string> = {
  queued: m.mailing_rec_queued,
  sending: m.delivery_sending,
  sent: m.delivery_sent,
  delivered: m.delivery_delivered,
  read: m.delivery_read,
  failed: m.delivery_failed,
  unknown: m.delivery_unknown,
  skipped: m.mailing_rec_skipped,
  clicked: m.mailing_rec_clicked,
  answered: m.mailing_rec_answered,
  goal: m.mailing_rec_goal,
};
/** What became of those whom an earlier mailing was meant for. */
export const REACHED = [
  'sent',
  'delivered',
  'read',
  'answered',
  'clicked',
  'goal',
  'failed',
  'unknown',
  'skipped',
] as const;
/** A state of a recipient, or what he did. */
export const recipientName = (state: string): string => recipientNames[state]?.() ?? state;
export const recipientTones: Partial<Record<string, string>> = {
  read: 'success',
  failed: 'danger',
  unknown: 'note',
};

const reasonNames: Record<string, () => string> = {
  opted_out: m.mailing_reason_opted_out,
  blocked: m.mailing_reason_blocked,
  no_channel: m.mailing_reason_no_channel,
  window_closed: m.mailing_reason_window_closed,
  needs_template: m.mailing_reason_needs_template,
  missing_field: m.mailing_reason_missing_field,
  frequency_cap: m.mailing_reason_frequency_cap,
  no_licence: m.mailing_reason_no_licence,
  duplicate: m.mailing_reason_duplicate,
  too_late: m.mailing_reason_too_late,
  stopped: m.mailing_reason_stopped,
  with_operator: m.mailing_reason_with_operator,
  scenario_busy: m.mailing_reason_scenario_busy,
  gone: m.mailing_reason_gone,
};
/** The order in which reasons are looked at, and so the order in which they are told. */
export const REASONS = Object.keys(reasonNames);
/** Those that pre-flight can know of. */
export const BEFORE = REASONS.slice(0, 8);
/** Why somebody is left out, or why a send failed. */
export const reasonName = (reason: string): string => reasonNames[reason]?.() ?? codeText(reason, '');

const hints: Record<string, () => string> = {
  opted_out: m.mailing_reason_opted_out_hint,
  blocked: m.mailing_reason_blocked_hint,
  no_channel: m.mailing_reason_no_channel_hint,
  window_closed: m.mailing_reason_window_closed_hint,
  needs_template: m.mailing_reason_needs_template_hint,
  no_licence: m.mailing_reason_no_licence_hint,
  duplicate: m.mailing_reason_duplicate_hint,
  too_late: m.mailing_reason_too_late_hint,
  stopped: m.mailing_reason_stopped_hint,
  with_operator: m.mailing_reason_with_operator_hint,
  scenario_busy: m.mailing_reason_scenario_busy_hint,
  gone: m.mailing_reason_gone_hint,
};

/** What is behind a reason, as far as the numbers tell. */
export function reasonHint(
  reason: string,
  { frequency }: Pick<MailingDocument, 'frequency'>,
  missing: Preflight['missing_fields'],
  fieldTitle: (key: string) => string,
): string {
  if (reason === 'missing_field') return Object.keys(missing).map(fieldTitle).join(', ') + ',';
  if (reason === 'frequency_cap' && frequency)
    return m.mailing_reason_frequency_cap_hint({
      count: frequency.times,
      shown: count(frequency.times),
      days: count(frequency.days),
    });
  return hints[reason]?.() ?? '';
}

/** "Екатеринбург" of `Asia/Yekaterinburg`; what has no words here keeps its own. */
export function zoneName(zone: string): string {
  const city = zone.split('/').at(-1) ?? zone;
  const known: Partial<Record<string, () => string>> = m as never;
  return known[`mailing_city_${city.replaceAll('-', '_').toLowerCase()}`]?.() ?? city.replaceAll('_', ' ');
}
