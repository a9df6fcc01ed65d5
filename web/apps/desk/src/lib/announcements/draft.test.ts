import { expect, it } from 'vitest';
import { bodyOf, draftOf } from './draft';

it('sends no window and no channel with news, whatever was typed before', () => {
  const draft = { ...draftOf(null), titleRu: 'Новость', from: '2026-12-16T00:01', channel: 'con_1' };
  const body = bodyOf(draft, false);
  expect([body.window_from, body.window_to, body.connection_id]).toEqual([null, null, null]);
  const work = bodyOf({ ...draft, kind: 'maintenance' }, false);
  expect(work.window_from).toBe(new Date(2026, 11, 16, 0, 1).toISOString());
  expect(work.connection_id).toBe('con_1');
});

it('names a kind of channel when it is for all accounts, and no project', () => {
  const body = bodyOf({ ...draftOf(null), kind: 'incident', forAll: true, channel: 'telegram' }, false);
  expect(body.channel).toBe('telegram');
  expect('connection_id' in body || 'project_ids' in body).toBe(false);
});

it('leaves the moment of what is told already as it is', () => {
  const draft = { ...draftOf(null), publishing: 'later' as const, at: '2026-12-16T00:01' };
  expect(bodyOf(draft, false)).toMatchObject({ draft: false });
  expect('publish_at' in bodyOf(draft, true) || 'draft' in bodyOf(draft, true)).toBe(false);
  expect(bodyOf({ ...draft, publishing: 'draft' }, false)).toMatchObject({ draft: true });
});
