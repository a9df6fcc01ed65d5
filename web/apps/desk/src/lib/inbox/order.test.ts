import { expect, it } from 'vitest';
import { compareIn, orderIn } from './order';

const at = (minute: number) => `2026-11-22T09:${String(minute).padStart(2, '0')}:00Z`;
const rows = [
  { id: 'answered', position: 50, waiting_since: null },
  { id: 'waits long', position: 10, waiting_since: at(1) },
  { id: 'wrote again', position: 60, waiting_since: at(2) },
  { id: 'quiet', position: 5, waiting_since: null },
];
const ids = (order: 'waiting' | 'newest') => [...rows].sort(compareIn(order)).map(({ id }) => id);

it('puts those first whose client waits longest, and the quiet ones after them, newest first', () => {
  expect(ids('waiting')).toEqual(['waits long', 'wrote again', 'answered', 'quiet']);
  expect(ids('newest')).toEqual(['wrote again', 'answered', 'waits long', 'quiet']);
});

it('keeps closed ones newest first', () => {
  expect(orderIn('closed', 'waiting')).toBe('newest');
  expect(orderIn('mine', 'waiting')).toBe('waiting');
});
