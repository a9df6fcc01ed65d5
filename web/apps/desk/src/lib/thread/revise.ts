import type { Message } from '@otklik/api';

/** Why a message cannot be changed or taken away, in words the menu says; null when it can. */
export type Blocked =
  | 'not_yours'
  | 'already_deleted'
  | 'not_sent_yet'
  | 'outcome_unknown'
  | 'not_sent'
  | 'no_edits'
  | 'too_old_to_edit';

const HOUR_MS = 60 * 60 * 1_000;
/** For how many hours a kind of channel changes what was said; what is not here changes nothing. */
const HOURS: Partial<Record<Message['channel'], number>> = { site: Infinity, api: Infinity, telegram: 48 };

export interface Reviser {
  id: string;
  /** May take away what others of ours have said. */
  mayAll: boolean;
}

const isOwn = (message: Message, by: Reviser) =>
  message.author.kind === 'operator' && message.author.id === by.id;

export function whyNoEdit(message: Message, by: Reviser, now: number): Blocked | null {
  if (!isOwn(message, by)) return 'not_yours';
  if (message.delivery?.status === 'failed') return 'not_sent';
  return inTheWay(message, now);
}

export function whyNoDelete(message: Message, by: Reviser, now: number): Blocked | null {
  const isOurs = message.author.kind === 'operator' || message.author.kind === 'bot';
  if (!isOwn(message, by) && !(isOurs && by.mayAll)) return 'not_yours';
  // The client has never had it.
  if (message.delivery?.status === 'failed') return message.content.deleted ? 'already_deleted' : null;
  return inTheWay(message, now);
}

function inTheWay(message: Message, now: number): Blocked | null {
  if (message.content.deleted) return 'already_deleted';
  if (message.kind === 'note') return null;
  const status = message.delivery?.status;
  if (status === 'queued' || status === 'sending') return 'not_sent_yet';
  if (status === 'unknown') return 'outcome_unknown';
  const hours = HOURS[message.channel];
  if (hours === undefined) return 'no_edits';
  return now - Date.parse(message.created_at) > hours * HOUR_MS ? 'too_old_to_edit' : null;
}

/** The last message of somebody's own, where it can still be changed. */
export function lastToEdit(messages: readonly Message[], by: Reviser, now: number): Message | null {
  const own = messages.findLast(
    (message) => isOwn(message, by) && message.kind !== 'event' && !message.content.deleted,
  );
  return own && whyNoEdit(own, by, now) === null ? own : null;
}
