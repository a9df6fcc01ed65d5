import type { Message } from '@otklik/api';
import { beforeEach, expect, it, vi } from 'vitest';

const get = vi.hoisted(() => vi.fn());

vi.mock('$lib/live/live.svelte', () => ({
  live: { pending: [], follow: () => () => {}, onAck: () => () => {}, onSnapshot: () => () => {} },
}));
vi.mock('$lib/inbox/inbox.svelte', () => ({ inbox: {} }));
vi.mock('$lib/session/session.svelte', () => ({ session: { user: { id: 'usr_me' } } }));
vi.mock('$lib/shared/api', () => ({ api: { get } }));

const { ThreadState } = await import('./thread.svelte');

const NOW = 1_800_000_000_000;
const DAY_S = 86_400;

function withFile(seq: number, until: number): Message {
  const file = {
    id: `fil_${seq}`,
    name: 'a.png',
    mime: 'image/png',
    size: 1,
    url: `/f/fil_${seq}?until=${until}`,
  };
  return {
    id: `msg_${seq}`,
    project_id: 'prj',
    conversation_id: 'cnv_1',
    contact_id: 'con_1',
    connection_id: 'chn',
    channel: 'site',
    seq,
    position: seq,
    author: { kind: 'client', id: 'con_1', name: null },
    kind: 'message',
    content: { text: '', attachments: [file], buttons: [] },
    delivery: null,
    client_id: null,
    reply_to: null,
    created_at: '2026-11-22T09:10:00Z',
    edited_at: null,
  };
}

beforeEach(() => get.mockReset());

it('reads messages anew before the links to their files end, and shows no others', async () => {
  const [today, later] = [NOW / 1000 + 300, NOW / 1000 + DAY_S];
  const thread = new ThreadState('prj', 'cnv_1');
  thread.messages = [withFile(2, today), withFile(3, today)];
  get.mockResolvedValue({
    items: [withFile(3, later), withFile(2, later), withFile(1, later)],
    next_cursor: null,
  });
  await thread.renewLinks(NOW);
  await thread.renewLinks(NOW);
  expect(get.mock.calls).toEqual([['/projects/prj/conversations/cnv_1/messages', { before: 4, limit: 200 }]]);
  expect(thread.messages).toEqual([withFile(2, later), withFile(3, later)]);
});
