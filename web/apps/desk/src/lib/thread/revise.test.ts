import type { Message } from '@otklik/api';
import { expect, test } from 'vitest';
import { lastToEdit, whyNoDelete, whyNoEdit } from './revise';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const anna = { id: 'usr_a', mayAll: false };
const lead = { id: 'usr_l', mayAll: true };

const message = (values: Partial<Message> = {}): Message =>
  ({
    id: 'msg_1',
    channel: 'telegram',
    kind: 'message',
    author: { kind: 'operator', id: 'usr_a', name: 'Анна' },
    content: { text: 'Да', attachments: [], buttons: [] },
    delivery: { status: 'sent', reason: null, at: '' },
    created_at: '2026-11-30T11:00:00Z',
    ...values,
  }) as Message;
const delivered = (status: string) =>
  ({ delivery: { status, reason: null, at: '' } }) as unknown as Partial<Message>;

test('one changes one’s own, as long as the channel does', () => {
  expect(whyNoEdit(message(), anna, NOW)).toBeNull();
  expect(whyNoEdit(message(), lead, NOW)).toBe('not_yours');
  expect(whyNoEdit(message({ channel: 'email' }), anna, NOW)).toBe('no_edits');
  expect(whyNoEdit(message({ created_at: '2026-11-28T11:00:00Z' }), anna, NOW)).toBe('too_old_to_edit');
  expect(whyNoEdit(message({ channel: 'site', created_at: '2020-01-01T00:00:00Z' }), anna, NOW)).toBeNull();
  expect(whyNoEdit(message({ channel: 'email', kind: 'note', delivery: null }), anna, NOW)).toBeNull();
});

test('what is on its way, or failed, or in doubt, is not changed', () => {
  expect(whyNoEdit(message(delivered('queued')), anna, NOW)).toBe('not_sent_yet');
  expect(whyNoEdit(message(delivered('unknown')), anna, NOW)).toBe('outcome_unknown');
  expect(whyNoEdit(message(delivered('failed')), anna, NOW)).toBe('not_sent');
  expect(whyNoDelete(message(delivered('failed')), anna, NOW)).toBeNull();
});

test('a lead takes away what any of ours has said, and never a client’s word', () => {
  expect(whyNoDelete(message(), anna, NOW)).toBeNull();
  expect(whyNoDelete(message(), lead, NOW)).toBeNull();
  expect(whyNoDelete(message(), { id: 'usr_b', mayAll: false }, NOW)).toBe('not_yours');
  const clients = message({ author: { kind: 'client', id: 'con_1', name: null } });
  expect(whyNoDelete(clients, lead, NOW)).toBe('not_yours');
});

test('the arrow up changes the last of one’s own, or nothing', () => {
  const gone = message({ id: 'msg_2', content: { ...message().content, deleted: { by: 'Анна', at: '' } } });
  const theirs = message({ id: 'msg_3', author: { kind: 'client', id: 'con_1', name: null } });
  expect(lastToEdit([message(), gone, theirs], anna, NOW)?.id).toBe('msg_1');
  expect(lastToEdit([message(), message({ id: 'msg_4', ...delivered('sending') })], anna, NOW)).toBeNull();
  expect(lastToEdit([theirs], anna, NOW)).toBeNull();
});
