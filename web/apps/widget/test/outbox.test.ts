import { describe, expect, it, vi } from 'vitest';
import { contentOf, newId, Outbox } from '../src/core/outbox';
import type { Entry } from '../src/core/view';

function outbox(store: Record<string, string> = {}, isUp = true) {
  const link = { isUp };
  const sent: Entry[] = [];
  const box = new Outbox({ store, prefix: 'p:' }, (entry) => link.isUp && Boolean(sent.push(entry)), vi.fn());
  return { box, sent, store, link };
}

describe('outbox', () => {
  it('sends one message at a time and in order', () => {
    const { box, sent } = outbox();
    const first = box.add('one', []);
    box.add('two', []);
    expect(sent.map((entry) => entry.text)).toEqual(['one']);
    box.done(first.client_id);
    expect(sent.map((entry) => entry.text)).toEqual(['one', 'two']);
  });

  it('says which button was pressed, also after a reload', () => {
    const { box, store } = outbox({}, false);
    box.add('Оплата', [], { pressed: 's.1.2.pay' });
    const reloaded = outbox(store);
    reloaded.box.pump();
    expect(contentOf(reloaded.sent[0]!)).toEqual({
      text: 'Оплата',
      attachments: [],
      pressed: 's.1.2.pay',
    });
  });

  it('sends again under the same client_id after a lost connection', () => {
    const { box, sent } = outbox();
    const { client_id } = box.add('one', []);
    box.disconnected();
    box.pump();
    expect(sent.map((entry) => entry.client_id)).toEqual([client_id, client_id]);
  });

  it('keeps waiting messages over a reload, in the order they were written', () => {
    const { box, store } = outbox({}, false);
    box.add('one', []);
    box.add('two', []);
    box.add('three', []);
    const reloaded = outbox(store);
    expect(reloaded.box.entries.map((entry) => entry.text)).toEqual(['one', 'two', 'three']);
    expect(reloaded.box.entries.every((entry) => entry.state === 'queued')).toBe(true);
  });

  it('forgets a message once the server has it, and tells whether it was still waiting', () => {
    const { box, store } = outbox();
    const { client_id } = box.add('one', []);
    expect(box.done(client_id)?.text).toBe('one');
    expect(box.done(client_id)).toBeUndefined();
    expect(Object.keys(store)).toEqual([]);
  });

  it('lets the next message pass a refused one, and retries only when asked', () => {
    const { box, sent } = outbox();
    const bad = box.add('bad', []);
    box.add('good', []);
    box.refuse(bad.client_id, 'blocked');
    expect(sent.map((entry) => entry.text)).toEqual(['bad', 'good']);
    box.disconnected();
    box.pump();
    expect(sent.at(-1)?.text).toBe('good');
    box.done(sent.at(-1)!.client_id);
    box.retry(bad.client_id);
    expect(sent.at(-1)?.client_id).toBe(bad.client_id);
  });

  it('waits as long as the server asks, keeps the order, and then goes on by itself', () => {
    vi.useFakeTimers();
    const { box, sent } = outbox();
    const first = box.add('one', []);
    box.slow(first.client_id, 3);
    box.add('two', []);
    expect(box.entries.map((entry) => entry.state)).toEqual(['slowed', 'queued']);
    vi.advanceTimersByTime(2_900);
    box.pump();
    expect(sent.map((entry) => entry.text)).toEqual(['one']);
    vi.advanceTimersByTime(200);
    expect(sent.map((entry) => entry.text)).toEqual(['one', 'one']);
    box.done(first.client_id);
    expect(sent.at(-1)?.text).toBe('two');
    vi.useRealTimers();
  });

  it('skips what it cannot read in storage', () => {
    expect(outbox({ 'p:out:x': '{broken', 'p:out:y': '{"a":1}' }).box.entries).toEqual([]);
  });

  it('makes ids where randomUUID is missing', () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
    expect(newId()).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(newId()).not.toBe(newId());
  });
});
