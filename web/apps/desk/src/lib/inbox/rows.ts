import type { Conversation } from '@otklik/api';

/** A row of the list: one conversation, or the open ones of one client. */
export interface Row {
  /** The same as long as it is about the same client. */
  key: string;
  /** The one with the newest activity: what the row says, and what it opens. */
  main: Conversation;
  /** The others, in the order of the list. */
  beside: readonly Conversation[];
  /** All of them. */
  ids: readonly string[];
}

/** Conversations with the same key are one row. What has ended stands for itself. */
export function keyOf({ id, status, project_id, contact }: Conversation): string {
  const isAlone = status === 'closed' || contact.multi_contact_size < 2;
  return isAlone ? id : `${project_id} ${contact.multi_contact_id}`;
}

/** Conversations in the order of a list as its rows: a row stands where the first of its conversations does. */
export function rowsOf(items: readonly Conversation[], together: boolean): Row[] {
  const byKey = new Map<string, Conversation[]>();
  for (const item of items) {
    const key = together ? keyOf(item) : item.id;
    const known = byKey.get(key);
    if (known) known.push(item);
    else byKey.set(key, [item]);
  }
  return [...byKey].map(([key, held]) => {
    const main = held.reduce((newest, item) => (item.position > newest.position ? item : newest));
    return { key, main, beside: held.filter((item) => item !== main), ids: held.map(({ id }) => id) };
  });
}

/** What a page holds, each conversation for itself. */
export const unfolded = (page: readonly (Conversation & { together?: Conversation[] })[]): Conversation[] =>
  page.flatMap(({ together = [], ...head }) => [head, ...together]);

/** Since when somebody waits for an answer in a conversation; a bot's client and one that was put off do not count. */
export const waitsSince = ({ status, waiting_since }: Conversation): string | null =>
  ['closed', 'bot', 'snoozed'].includes(status) ? null : waiting_since;

/** Since when the client of a row waits. */
export function rowWaitsSince({ main, beside }: Pick<Row, 'main' | 'beside'>): string | null {
  const moments = [main, ...beside].flatMap((item) => waitsSince(item) ?? []);
  return moments.sort()[0] ?? null;
}

export const rowUnread = ({ main, beside }: Pick<Row, 'main' | 'beside'>): number =>
  [main, ...beside].reduce((sum, { unread }) => sum + unread, 0);
