import type { Message } from '@otklik/api';
import { expect, it } from 'vitest';
import { reach } from './reach';

const message = (seq: number, conversation_id = 'a') => ({ id: `m${seq}`, conversation_id, seq }) as Message;

/** A thread of so many messages, the newest ten of them here. */
function thread(count: number) {
  const all = Array.from({ length: count }, (_, at) => message(at + 1));
  return {
    id: 'a',
    messages: all.slice(-10),
    hasOlder: true,
    loadingOlder: false,
    isGone: false,
    sought: null as string | null,
    loads: 0,
    async loadOlder(limit: number) {
      this.loads += 1;
      this.messages = all.slice(-(this.messages.length + limit));
      this.hasOlder = this.messages.length < count;
      await Promise.resolve();
    },
  };
}

it('loads what lies above until the message is there', async () => {
  const long = thread(1_000);
  expect(await reach(long, 3)).toBe(true);
  expect([long.sought, long.loads]).toEqual(['m3', 5]);
});

it('loads nothing for what is here, and stops where it is not', async () => {
  const long = thread(1_000);
  expect([await reach(long, 995), long.loads]).toEqual([true, 0]);
  expect([await reach(long, 2_000), long.loads, long.sought]).toEqual([false, 0, null]);
});
