import type { Audience } from './contract';
import { LIST_MAX } from './document';
import { contactsIn } from './recipientsFile';
import type { Asked, RecipientList } from './recipients.svelte';

/**
 * The audience of just the people behind a number. What the server can find again by itself stays a condition; of what it
 * cannot (a reason, a time zone, a draft that has sent nothing), it is a list of those who are there now.
 */
export async function audienceBehind(
  mailing: { id: string; isPreview: boolean },
  asked: Asked,
  list: RecipientList,
): Promise<Audience> {
  const { state: status, reason, channel, zone, link } = asked;
  if (!mailing.isPreview && !reason && !zone && !channel && link === undefined)
    return { all: [{ mailing: { id: mailing.id, ...(status && { state: status }) } }] };
  return { all: [{ contacts: contactsIn(await list.table()).slice(0, LIST_MAX) }] };
}
