import type { Message } from '@otklik/api';
import { expect, it } from 'vitest';
import { blocksOf } from './blocks';

const said = (id: string, kind: Message['kind'] = 'message') => ({ id, kind, client_id: null }) as Message;

it('gathers the events between two messages, and no others', () => {
  const thread = [said('a'), said('b', 'event'), said('c', 'event'), said('d'), said('e', 'event')];
  const blocks = blocksOf(thread);
  expect(blocks.map(({ key }) => key)).toEqual(['a', 'b', 'd', 'e']);
  expect(blocks.map(({ events }) => events?.map(({ id }) => id) ?? null)).toEqual([
    null,
    ['b', 'c'],
    null,
    ['e'],
  ]);
});

it('knows what stands below a message, so that the last of a run can be told', () => {
  const [first, last] = blocksOf([said('a'), said('b')]);
  expect(first?.next?.id).toBe('b');
  expect(last?.next).toBeUndefined();
});
