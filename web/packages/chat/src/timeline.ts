import type { Message } from '@otklik/api';

/** Messages of one day in one channel: the stretch that gets a badge, a name and a coloured line. */
export interface Stretch {
  key: string;
  day: string;
  /** True when a day divider stands above. */
  startsDay: boolean;
  contactId: string;
  channel: string;
  messages: Message[];
}

export function dayOf(iso: string): string {
  const date = new Date(iso);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

export function stretchesOf(messages: Message[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const message of messages) {
    const day = dayOf(message.created_at);
    const last = stretches.at(-1);
    if (last && last.day === day && last.contactId === message.contact_id) {
      last.messages.push(message);
      continue;
    }
    stretches.push({
      key: message.client_id ?? message.id,
      day,
      startsDay: last?.day !== day,
      contactId: message.contact_id,
      channel: message.channel,
      messages: [message],
    });
  }
  return stretches;
}

/** Neighbours by one author within a few minutes read as one turn: the avatar stands on the last of them. */
export function endsRun(message: Message, next: Message | undefined): boolean {
  if (!next || next.kind !== message.kind) return true;
  const isSameAuthor = next.author.kind === message.author.kind && next.author.id === message.author.id;
  return !isSameAuthor || Date.parse(next.created_at) - Date.parse(message.created_at) > 5 * 60_000;
}
