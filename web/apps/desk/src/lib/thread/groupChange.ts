import type { Contact } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { channelName, contactName } from '$lib/shared/words';

/** What became of a multi-contact, as seen from one of its contacts. */
export interface GroupChange {
  joined: Contact[];
  left: Contact[];
}

/** Null when the same contacts stand together as before. */
export function groupChange(before: readonly Contact[], after: readonly Contact[]): GroupChange | null {
  const without = (list: readonly Contact[], others: readonly Contact[]) =>
    list.filter(({ id }) => !others.some((other) => other.id === id));
  const change = { joined: without(after, before), left: without(before, after) };
  return change.joined.length + change.left.length > 0 ? change : null;
}

const NAMES_AT_MOST = 3;

/** Who has become one client with the open one, and who no longer is. */
export function groupChangeText({ joined, left }: GroupChange): string[] {
  const lines: string[] = [];
  if (joined.length > 0) lines.push(m.group_joined({ names: namesOf(joined) }));
  if (left.length > 0) lines.push(m.group_left({ names: namesOf(left) }));
  return lines;
}

function namesOf(contacts: Contact[]): string {
  const named = contacts
    .slice(0, NAMES_AT_MOST)
    .map((contact) => `${contactName(contact)} (${channelName(contact.channel)})`);
  const rest = contacts.length - named.length;
  return [...named, ...(rest > 0 ? [`+${rest}`] : [])].join(', ');
}
