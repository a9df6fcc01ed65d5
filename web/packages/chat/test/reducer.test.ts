import type { Conversation, Delivery, LiveEvent, Message } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { isInFolder, laterDelivery, mergeMessages, reduceConversation, reduceMessages } from '../src';

const ME = 'usr_me';

function message(seq: number, author: Message['author']['kind'], extra: Partial<Message> = {}): Message {
  return {
    id: `msg_${seq}`,
    project_id: 'prj_1',
    conversation_id: 'cnv_1',
    contact_id: 'con_1',
    connection_id: 'chn_1',
    channel: 'site',
    seq,
    position: 100 + seq,
    author: { kind: author, id: null, name: null },
    kind: 'message',
    content: { text: `текст ${seq}`, attachments: [], buttons: [] },
    delivery: author === 'client' ? null : { status: 'queued', reason: null, at: '2026-11-22T09:00:00Z' },
    client_id: null,
    reply_to: null,
    created_at: '2026-11-22T09:00:00Z',
    edited_at: null,
    ...extra,
  };
}

const conversation = (): Conversation => ({
  id: 'cnv_1',
  project_id: 'prj_1',
  contact_id: 'con_1',
  connection_id: 'chn_1',
  channel: 'site',
  status: 'open',
  assignee_id: ME,
  department_id: null,
  unread: 0,
  last_message: null,
  seq: 0,
  position: 100,
  created_at: '2026-11-22T08:00:00Z',
  closed_at: null,
  snoozed_until: null,
  waiting_since: null,
  contact: {
    id: 'con_1',
    name: null,
    handle: 'Посетитель 1',
    channel: 'site',
    multi_contact_id: 'mlt_1',
    multi_contact_size: 1,
    tags: [],
  },
  test: false,
  demo: false,
});

/** The server's side of the contract: it changes its record and tells everybody, as docs/API.md says. */
class ServerModel {
  record = conversation();
  messages: Message[] = [];
  events: LiveEvent[] = [];

  say(author: Message['author']['kind']) {
    const next = message(this.record.seq + 1, author);
    this.messages.push(next);
    const becomesWaiting = author === 'operator' && this.record.status === 'open';
    this.record = {
      ...this.record,
      last_message: next,
      seq: next.seq,
      position: next.position,
      unread: this.record.unread + (author === 'client' ? 1 : 0),
      status: becomesWaiting ? 'waiting' : this.record.status,
    };
    this.events.push({ kind: 'message.created', data: next });
    if (becomesWaiting) this.update({});
  }
  deliver(id: string, status: Delivery['status'], at: string) {
    const delivery: Delivery = { status, reason: null, at };
    this.messages = this.messages.map((item) => (item.id === id ? { ...item, delivery } : item));
    const last = this.messages.find((item) => item.id === this.record.last_message?.id);
    this.record = { ...this.record, last_message: last ?? null };
    this.events.push({
      kind: 'delivery.updated',
      data: { message_id: id, conversation_id: 'cnv_1', seq: Number(id.split('_')[1]), delivery },
    });
  }
  update(change: Partial<Conversation>) {
    this.record = { ...this.record, ...change };
    const { unread: _readers, ...shared } = this.record;
    this.events.push({ kind: 'conversation.updated', data: shared });
  }
  read() {
    this.record = { ...this.record, unread: 0 };
    const data = { conversation_id: 'cnv_1', user_id: ME, seq: this.record.seq };
    this.events.push({ kind: 'conversation.read', data });
  }
  join() {
    const contact = { ...this.record.contact, multi_contact_id: 'mlt_2', multi_contact_size: 2 };
    this.record = { ...this.record, contact };
    const groups = [{ id: 'mlt_2', change: 'join' as const, contact_ids: ['con_1', 'con_2'] }];
    this.events.push({ kind: 'multi_contact.changed', data: { groups, dissolved: [] } });
  }
}

function playedServer() {
  const server = new ServerModel();
  server.say('client');
  server.say('client');
  server.read();
  server.say('operator');
  server.deliver('msg_3', 'sent', '2026-11-22T09:00:01Z');
  server.deliver('msg_3', 'read', '2026-11-22T09:00:02Z');
  server.say('client');
  server.join();
  server.update({ status: 'closed', closed_at: '2026-11-22T09:10:00Z' });
  return server;
}

describe('applied events equal a fresh fetch', () => {
  it('for a conversation', () => {
    const server = playedServer();
    const applied = server.events.reduce(
      (known, event) => reduceConversation(known, event, ME),
      conversation(),
    );
    expect(applied).toEqual(server.record);
  });

  it('and is left alone by a kind it does not know, such as an erased event', () => {
    const erased = { kind: 'erased', data: {} } as unknown as LiveEvent;
    const known = conversation();
    expect(reduceConversation(known, erased, ME)).toBe(known);
    expect(reduceMessages([], erased)).toEqual([]);
  });

  it('for its messages', () => {
    const server = playedServer();
    const applied = server.events.reduce<Message[]>(reduceMessages, []);
    expect(applied).toEqual(server.messages);
  });

  it('when every event is heard twice', () => {
    const server = playedServer();
    const twice = server.events.flatMap<LiveEvent>((event) =>
      event.kind === 'conversation.read' ? [event] : [event, event],
    );
    const applied = twice.reduce((known, event) => reduceConversation(known, event, ME), conversation());
    expect(applied).toEqual(server.record);
    expect(twice.reduce<Message[]>(reduceMessages, [])).toEqual(server.messages);
  });

  it('when the page already knew the end of the story', () => {
    const server = playedServer();
    expect(server.events.reduce<Message[]>(reduceMessages, server.messages)).toEqual(server.messages);
  });
});

describe('names', () => {
  it('a client is marked as ours when he takes such a name, and not when he has another', () => {
    const known = conversation();
    const named = (name: string, looks?: 'team') =>
      ({
        kind: 'contact.updated',
        data: { id: 'con_1', name, handle: 'x', multi_contact_id: 'm', ...(looks && { looks_like: looks }) },
      }) as unknown as LiveEvent;
    const marked = reduceConversation(known, named('Аннa', 'team'), ME);
    expect(marked.contact.looks_like).toBe('team');
    expect(reduceConversation(marked, named('Пётр'), ME).contact.looks_like).toBeUndefined();
  });
});

describe('groups', () => {
  const grouped = () => {
    const base = conversation();
    return { ...base, contact: { ...base.contact, multi_contact_size: 3 } };
  };
  const changed = (left: { id: string; contact_ids: string[] }[], dissolved: string[] = []) => {
    const groups = left.map((group) => ({ ...group, change: 'leave' as const }));
    return reduceConversation(grouped(), { kind: 'multi_contact.changed', data: { groups, dissolved } }, ME)
      .contact;
  };

  it('a contact that left its group is alone', () => {
    expect(changed([{ id: 'mlt_1', contact_ids: ['con_2', 'con_3'] }]).multi_contact_size).toBe(1);
    expect(changed([], ['mlt_1']).multi_contact_size).toBe(1);
  });

  it('a change elsewhere changes nothing', () => {
    expect(changed([{ id: 'mlt_9', contact_ids: ['con_8', 'con_9'] }]).multi_contact_size).toBe(3);
  });
});

describe('mergeMessages', () => {
  it('orders by position across conversations and keeps each once', () => {
    const late = message(1, 'client', { id: 'msg_other', position: 300 });
    const merged = mergeMessages([message(2, 'client')], [late, message(1, 'client'), message(2, 'client')]);
    expect(merged.map((item) => item.id)).toEqual(['msg_1', 'msg_2', 'msg_other']);
  });
});

describe('laterDelivery', () => {
  const at = (status: Delivery['status'], second: number): Delivery => ({
    status,
    reason: null,
    at: `2026-11-22T09:00:0${second}Z`,
  });
  it('does not step back on an old event', () => {
    expect(laterDelivery(at('read', 3), at('sent', 1))?.status).toBe('read');
  });
  it('lets a retry start over', () => {
    expect(laterDelivery(at('failed', 1), at('queued', 2))?.status).toBe('queued');
  });
});

describe('a conversation that was put off', () => {
  const woken = (): LiveEvent => ({
    kind: 'message.created',
    data: message(1, 'system', {
      kind: 'event',
      content: { text: '', attachments: [], buttons: [], event: { code: 'conversation.woken', data: {} } },
    }),
  });
  const unread = (assignee_id: string | null, before = 0) =>
    reduceConversation({ ...conversation(), assignee_id, unread: before }, woken(), ME).unread;

  it('is unread to whom it comes back, and to nobody else', () => {
    expect(unread(ME)).toBe(1);
    expect(unread(null)).toBe(1);
    expect(unread('usr_other')).toBe(0);
    expect(unread(ME, 3)).toBe(3);
  });

  it('stands in a folder of its own, and in that of all', () => {
    const off = { ...conversation(), status: 'snoozed' as const };
    const folders = (['mine', 'new', 'open', 'bot', 'mentions', 'snoozed', 'closed', 'all'] as const).filter(
      (folder) => isInFolder(off, folder, ME),
    );
    expect(folders).toEqual(['snoozed', 'all']);
  });
});

describe('isInFolder', () => {
  it('counts a closed conversation of mine as closed only', () => {
    const closed = { ...conversation(), status: 'closed' as const };
    expect(isInFolder(closed, 'mine', ME)).toBe(false);
    expect(isInFolder(closed, 'closed', ME)).toBe(true);
  });
});
