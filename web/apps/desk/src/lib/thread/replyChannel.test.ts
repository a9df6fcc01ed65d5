import type { ReplyChannel } from '@otklik/api';
import { expect, it } from 'vitest';
import { heardIn, lastUsed, suggested } from './replyChannel';

const channel = (contact_id: string, last_message_at: string | null, can_write = true) =>
  ({ contact_id, last_message_at, can_write }) as ReplyChannel;
const MORNING = '2026-11-22T09:00:00Z';
const NOON = '2026-11-22T12:00:00Z';

it('suggests where the client wrote last, not where the conversation is', () => {
  expect(suggested([channel('own', MORNING), channel('other', NOON)], 'own')).toBe('other');
});

it('suggests an open channel, while the last one is closed and still known as the last', () => {
  const channels = [channel('own', MORNING), channel('other', NOON, false)];
  expect(suggested(channels, 'own')).toBe('own');
  expect(lastUsed(channels)?.contact_id).toBe('other');
});

it('stays in the conversation when the client has written nowhere', () => {
  expect(suggested([channel('other', null), channel('own', null)], 'own')).toBe('own');
  expect(suggested([channel('own', null, false), channel('other', null)], 'own')).toBe('other');
  expect(suggested([channel('own', null, false)], 'own')).toBeNull();
});

it('hears a message in place, and an older one changes nothing', () => {
  const channels = [channel('own', NOON), channel('other', null)];
  const heard = heardIn(channels, 'other', '2026-11-22T13:00:00Z');
  expect(heard.map(({ contact_id }) => contact_id)).toEqual(['own', 'other']);
  expect(lastUsed(heard)?.contact_id).toBe('other');
  expect(heardIn(channels, 'own', MORNING)).toEqual(channels);
});
