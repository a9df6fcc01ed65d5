import type { Conversation, Folder, Message, Order, Page } from '@otklik/api';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProjectEvent } from '$lib/live/live.svelte';
import { NO_FILTER } from './filter';

const heard = vi.hoisted(() => ({ listeners: [] as ((event: unknown) => void)[] }));
const get = vi.hoisted(() => vi.fn());

vi.mock('$lib/live/live.svelte', () => ({
  live: {
    follow: (_name: string, listener: (event: unknown) => void) => heard.listeners.push(listener),
    onSnapshot: () => {},
  },
}));
vi.mock('$lib/session/session.svelte', () => ({ session: { user: { id: 'usr_me' } } }));
vi.mock('$lib/shared/api', () => ({ api: { get } }));

const { InboxState } = await import('./inbox.svelte');

const asked = (folder: Folder, order: Order, query = '') => ({
  folder,
  order,
  query,
  filter: NO_FILTER,
  together: false,
});

function conversation(id: string, position: number): Conversation {
  const contact: Conversation['contact'] = {
    id: `con_${id}`,
    name: id,
    handle: id,
    channel: 'site',
    multi_contact_id: `mlt_${id}`,
    multi_contact_size: 1,
    tags: [],
  };
  return {
    id,
    project_id: 'prj',
    contact_id: contact.id,
    connection_id: 'chn',
    channel: 'site',
    status: 'open',
    assignee_id: 'usr_me',
    department_id: null,
    unread: 0,
    last_message: null,
    seq: 1,
    position,
    created_at: '2026-11-22T09:00:00Z',
    closed_at: null,
    snoozed_until: null,
    waiting_since: null,
    contact,
    test: false,
    demo: false,
  };
}

function clientWrites(id: string, position: number): ProjectEvent {
  const data: Message = {
    id: `msg_${position}`,
    project_id: 'prj',
    conversation_id: id,
    contact_id: `con_${id}`,
    connection_id: 'chn',
    channel: 'site',
    seq: 2,
    position,
    author: { kind: 'client', id: `con_${id}`, name: null },
    kind: 'message',
    content: { text: 'Добрый день', attachments: [], buttons: [] },
    delivery: null,
    client_id: null,
    reply_to: null,
    created_at: '2026-11-22T09:10:00Z',
    edited_at: null,
  };
  return { kind: 'message.created', data, project_id: 'prj' };
}

describe('InboxState', () => {
  let inbox: InstanceType<typeof InboxState>;
  const hear = (event: ProjectEvent) => heard.listeners.forEach((listener) => listener(event));
  const order = () => inbox.items.map((item) => item.id);
  const page = (...items: Conversation[]): Page<Conversation> => ({ items, next_cursor: null });

  beforeEach(async () => {
    heard.listeners.length = 0;
    get.mockReset();
    get.mockResolvedValue(page(conversation('a', 30), conversation('b', 20), conversation('c', 10)));
    inbox = new InboxState();
    await inbox.open(['prj'], asked('mine', 'newest'));
  });

  it('lifts the newest conversation when nobody points at the list', () => {
    hear(clientWrites('c', 40));
    expect(order()).toEqual(['c', 'a', 'b']);
    expect(inbox.waitingCount).toBe(0);
  });

  it('changes a row in place and keeps the order under the pointer', () => {
    inbox.hold(true);
    hear(clientWrites('c', 40));
    expect(order()).toEqual(['a', 'b', 'c']);
    expect(inbox.items[2]?.unread).toBe(1);
    expect(inbox.waitingCount).toBe(1);
    inbox.release();
    expect(order()).toEqual(['c', 'a', 'b']);
  });

  it('lets new conversations wait as well', () => {
    inbox.hold(true);
    hear({ kind: 'conversation.created', data: conversation('d', 50), project_id: 'prj' });
    hear(clientWrites('d', 51));
    expect(order()).toEqual(['a', 'b', 'c']);
    expect(inbox.waitingCount).toBe(1);
    inbox.hold(false);
    expect(order()[0]).toBe('d');
  });

  it('does not call one’s own note or answer new', () => {
    inbox.hold(true);
    const mine = clientWrites('c', 40);
    if (mine.kind !== 'message.created') throw new Error('a message');
    const author = { kind: 'operator' as const, id: 'usr_me', name: 'Я' };
    hear({ ...mine, data: { ...mine.data, kind: 'note', author } });
    expect(inbox.waitingCount).toBe(0);
    expect(order()).toEqual(['a', 'b', 'c']);
    inbox.release();
    expect(order()).toEqual(['c', 'a', 'b']);
  });

  it('asks what is unread in a conversation that enters', async () => {
    inbox.hold(true);
    get.mockResolvedValue({ ...conversation('e', 60), unread: 3 });
    const assigned = { ...conversation('e', 60), unread: undefined } as unknown as Conversation;
    hear({ kind: 'conversation.updated', data: assigned, project_id: 'prj' });
    await vi.waitFor(() => expect(inbox.waitingCount).toBe(1));
    inbox.release();
    expect(inbox.items[0]?.unread).toBe(3);
  });

  it('puts those first who wait longest, where that order is chosen', async () => {
    const waits = (id: string, position: number, minute: number) => ({
      ...conversation(id, position),
      waiting_since: `2026-11-22T09:0${minute}:00Z`,
    });
    get.mockResolvedValue(page(waits('long', 10, 1), waits('short', 30, 5), conversation('c', 5)));
    await inbox.open(['prj'], asked('mine', 'waiting'));
    expect(get.mock.lastCall?.[1]).toMatchObject({ order: 'waiting' });
    hear(clientWrites('c', 40));
    expect(order()).toEqual(['long', 'short', 'c']);
    hear(clientWrites('long', 41));
    expect(order()).toEqual(['long', 'short', 'c']);
  });

  it('drops a conversation that left the folder', () => {
    hear({
      kind: 'conversation.updated',
      data: { ...conversation('b', 60), status: 'closed' },
      project_id: 'prj',
    });
    expect(order()).toEqual(['a', 'c']);
  });

  it('drops the conversations of a deleted contact', () => {
    hear({ kind: 'contact.deleted', data: { id: 'con_b' }, project_id: 'prj' });
    expect(order()).toEqual(['a', 'c']);
  });

  it('asks again when a channel was connected or disconnected', async () => {
    get.mockResolvedValue(page(conversation('a', 30)));
    hear({ kind: 'settings.updated', data: { resource: 'connections' }, project_id: 'prj' });
    await vi.waitFor(() => expect(order()).toEqual(['a']));
  });

  it('keeps an event that came while the list was being fetched', async () => {
    let answer: (value: Page<Conversation>) => void = () => {};
    get.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const reloading = inbox.reload();
    hear(clientWrites('b', 70));
    answer(page(conversation('a', 30), conversation('b', 20)));
    await reloading;
    expect(order()).toEqual(['b', 'a']);
    expect(inbox.items[0]?.unread).toBe(1);
  });

  it('ignores other projects', () => {
    hear({ ...clientWrites('c', 40), project_id: 'prj_other' });
    expect(order()).toEqual(['a', 'b', 'c']);
  });

  describe('with conversations of one client together', () => {
    const ofGroup = (id: string, position: number): Conversation => {
      const one = conversation(id, position);
      return { ...one, contact: { ...one.contact, multi_contact_id: 'mct_1', multi_contact_size: 2 } };
    };
    const rows = () => inbox.rows.map(({ ids }) => ids);
    const together = { ...asked('mine', 'newest'), together: true };
    const changed = (groups: { id: string; contact_ids: string[] }[], dissolved: string[] = []) =>
      hear({
        kind: 'multi_contact.changed',
        data: { groups, dissolved, cause: null },
        project_id: 'prj',
      } as unknown as ProjectEvent);

    it('takes what stands beside a row from the page of the row, and never again', async () => {
      const first = { ...ofGroup('a', 30), together: [ofGroup('z', 1)] };
      get.mockResolvedValueOnce({ items: [first, conversation('b', 20)], next_cursor: 'more' });
      await inbox.open(['prj'], together);
      expect(get.mock.lastCall?.[1]).toMatchObject({ together: 'true' });
      expect(rows()).toEqual([['a', 'z'], ['b']]);
      get.mockResolvedValueOnce(page(conversation('c', 10), ofGroup('z', 1)));
      await inbox.loadMore();
      expect(rows()).toEqual([['a', 'z'], ['b'], ['c']]);
    });

    it('lifts the row when any of its conversations moves, and goes from row to row', async () => {
      get.mockResolvedValueOnce(
        page(conversation('b', 40), { ...ofGroup('a', 30), together: [ofGroup('z', 1)] } as never),
      );
      await inbox.open(['prj'], together);
      hear(clientWrites('z', 50));
      expect(rows()).toEqual([['z', 'a'], ['b']]);
      expect(inbox.neighbour('a', 1)?.id).toBe('b');
      expect(inbox.neighbour('b', -1)?.id).toBe('z');
    });

    it('parts rows at once when clients are parted', async () => {
      get.mockResolvedValueOnce(page({ ...ofGroup('a', 30), together: [ofGroup('z', 1)] } as never));
      await inbox.open(['prj'], together);
      changed([
        { id: 'mct_1', contact_ids: ['con_a'] },
        { id: 'mct_2', contact_ids: ['con_z'] },
      ]);
      expect(rows()).toEqual([['a'], ['z']]);
    });

    it('fetches the rest of a row when clients become one, wherever it stands', async () => {
      get.mockResolvedValueOnce({
        items: [conversation('a', 30), conversation('b', 20)],
        next_cursor: 'more',
      });
      await inbox.open(['prj'], together);
      get.mockResolvedValueOnce(
        page(ofGroup('a', 30), ofGroup('z', 1), { ...ofGroup('y', 0), status: 'closed' }),
      );
      changed([{ id: 'mct_1', contact_ids: ['con_a', 'con_z'] }]);
      await vi.waitFor(() => expect(rows()).toEqual([['a', 'z'], ['b']]));
      expect(get.mock.lastCall?.[0]).toBe('/projects/prj/contacts/con_a/conversations');
    });
  });
});
