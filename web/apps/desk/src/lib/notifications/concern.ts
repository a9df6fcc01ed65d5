import type { Conversation, Department } from '@otklik/api';

/** Whether what a client writes here is this operator's business: a colleague's conversation is not, and a bot answers for itself. */
export function concerns(
  { status, assignee_id }: Pick<Conversation, 'status' | 'assignee_id'>,
  user: string,
): boolean {
  if (status === 'bot' || status === 'closed') return false;
  return !assignee_id || assignee_id === user;
}

/** Whether what waits in this department is told to this operator; in one that is gone, or has nobody, to everybody. */
export function isTold(department: Pick<Department, 'members'> | undefined, user: string): boolean {
  return !department || department.members.length === 0 || department.members.includes(user);
}

/** A title of the window with the number of conversations that are unread, at most 99 of them in figures. */
export function withCount(title: string, unread: number): string {
  const bare = title.replace(/^\(\d+\+?\) /, '');
  if (unread < 1) return bare;
  return `(${unread > 99 ? '99+' : unread}) ${bare}`;
}

/** Tomorrow at eight, by the reader's own clock. */
export function tomorrowMorning(now: Date): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8).getTime();
}
