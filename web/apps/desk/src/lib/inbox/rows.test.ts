import type { Conversation } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { rowsOf, rowUnread, rowWaitsSince, unfolded } from './rows';

const one = (id: string, position: number, group: string | null = null, more: Partial<Conversation> = {}) =>
  ({
    id,
    position,
    project_id: 'prj',
    status: 'open',
    unread: 0,
    waiting_since: null,
    contact: { id: `con_${id}`, multi_contact_id: group ?? `mct_${id}`, multi_contact_size: group ? 2 : 1 },
    ...more,
  }) as unknown as Conversation;
const ids = (items: Conversation[], together = true) => rowsOf(items, together).map((row) => row.ids);

describe('rows', () => {
  it('hold the open conversations of one client, where the first of them stands', () => {
    const items = [one('a', 9, 'g'), one('b', 8), one('c', 7, 'g'), one('d', 6, 'h')];
    expect(ids(items)).toEqual([['a', 'c'], ['b'], ['d']]);
    expect(ids(items, false)).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('say what is newest, though another waits longer', () => {
    const items = [
      one('old', 3, 'g', { unread: 1, waiting_since: '2026-11-22T09:00:00Z' }),
      one('new', 9, 'g', { unread: 2, waiting_since: '2026-11-22T09:05:00Z' }),
    ];
    const [row] = rowsOf(items, true);
    expect(row && [row.main.id, row.beside.map(({ id }) => id)]).toEqual(['new', ['old']]);
    expect(row && [rowUnread(row), rowWaitsSince(row)]).toEqual([3, '2026-11-22T09:00:00Z']);
  });

  it('part at once when clients are parted, and what is closed stands for itself', () => {
    const alone = { id: 'con_c', multi_contact_id: 'g', multi_contact_size: 1 } as Conversation['contact'];
    expect(ids([one('a', 9, 'g'), one('c', 7, 'g', { contact: alone })])).toEqual([['a'], ['c']]);
    expect(
      ids([one('a', 9, 'g', { status: 'closed' }), one('c', 7, 'g', { status: 'closed' })]),
    ).toHaveLength(2);
  });

  it('are of one project', () => {
    expect(ids([one('a', 9, 'g'), one('c', 7, 'g', { project_id: 'prj_2' })])).toHaveLength(2);
  });

  it('do not count a bot as waiting', () => {
    const bot = one('b', 9, 'g', { status: 'bot', waiting_since: '2026-11-22T09:00:00Z' });
    const [row] = rowsOf([bot, one('c', 7, 'g')], true);
    expect(row && rowWaitsSince(row)).toBeNull();
  });

  it('come from a page with what stands beside', () => {
    const page = [{ ...one('a', 9, 'g'), together: [one('z', 1, 'g')] }, one('b', 8)];
    expect(unfolded(page)).toEqual([one('a', 9, 'g'), one('z', 1, 'g'), one('b', 8)]);
  });
});
