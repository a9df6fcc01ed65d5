import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox, type NewEntry, type OutboxEntry } from '../src';

class MemoryStore {
  private readonly map = new Map<string, string>();
  get length() {
    return this.map.size;
  }
  key(index: number) {
    return [...this.map.keys()][index] ?? null;
  }
  getItem(key: string) {
    return this.map.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.map.set(key, value);
  }
  removeItem(key: string) {
    this.map.delete(key);
  }
}

const entry = (clientId: string, conversationId = 'cnv_1'): NewEntry => ({
  client_id: clientId,
  project_id: 'prj_1',
  conversation_id: conversationId,
  contact_id: null,
  kind: 'message',
  text: clientId,
  attachments: [],
  seen_seq: 1,
  created_at: '2026-11-22T09:00:00Z',
});

describe('Outbox', () => {
  let store: MemoryStore;
  let online: boolean;
  let sent: OutboxEntry[];
  let now: number;
  const open = () =>
    new Outbox(
      store,
      'out.',
      (item) => {
        if (online) sent.push(item);
        return online;
      },
      () => {},
      () => now,
    );
  const sentIds = () => sent.map((item) => item.client_id);

  beforeEach(() => {
    store = new MemoryStore();
    online = true;
    sent = [];
    now = 1_000;
  });

  it('keeps the order of a conversation: the next leaves after the answer', () => {
    const outbox = open();
    outbox.add(entry('a'));
    outbox.add(entry('b'));
    expect(sentIds()).toEqual(['a']);
    outbox.acknowledge('a');
    expect(sentIds()).toEqual(['a', 'b']);
  });

  it('does not let one conversation wait for another', () => {
    const outbox = open();
    outbox.add(entry('a', 'cnv_1'));
    outbox.add(entry('b', 'cnv_2'));
    expect(sentIds()).toEqual(['a', 'b']);
  });

  it('sends twenty offline messages once each, in order, after a restart of the page', () => {
    online = false;
    const before = open();
    const ids = Array.from({ length: 20 }, (_, index) => `m${index}`);
    ids.forEach((id) => before.add(entry(id)));
    expect(sent).toEqual([]);

    online = true;
    const after = open();
    after.pump();
    ids.forEach((id) => after.acknowledge(id));
    expect(sentIds()).toEqual(ids);
    expect(store.length).toBe(0);
  });

  it('resends what was in flight with the same client_id', () => {
    const outbox = open();
    outbox.add(entry('a'));
    outbox.disconnected();
    expect(outbox.entries[0]?.state).toBe('queued');
    outbox.pump();
    expect(sentIds()).toEqual(['a', 'a']);
  });

  it('ignores a second answer', () => {
    const outbox = open();
    outbox.add(entry('a'));
    outbox.acknowledge('a');
    outbox.acknowledge('a');
    outbox.refuse('a', 'stale', '');
    expect(outbox.entries).toEqual([]);
  });

  it('keeps a refused entry with its reason, lets the others pass, and resends without seen_seq on demand', () => {
    const outbox = open();
    outbox.add(entry('a'));
    outbox.add(entry('b'));
    outbox.refuse('a', 'stale', 'Коллега ответил');
    expect(sentIds()).toEqual(['a', 'b']);
    expect(open().entries[0]).toMatchObject({ state: 'failed', error: { code: 'stale' } });
    outbox.acknowledge('b');
    outbox.resend('a', { anyway: true });
    expect(sent.at(-1)).toMatchObject({ client_id: 'a', seen_seq: null });
  });

  it('asks again when an answer never comes', () => {
    const outbox = open();
    outbox.add(entry('a'));
    now += 16_000;
    outbox.requeueOverdue();
    expect(sentIds()).toEqual(['a', 'a']);
  });

  it('skips a damaged record', () => {
    store.setItem('out.x', '{');
    expect(open().entries).toEqual([]);
  });
});
