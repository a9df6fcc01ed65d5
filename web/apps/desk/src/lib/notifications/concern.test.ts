import { describe, expect, test } from 'vitest';
import { concerns, isTold, tomorrowMorning, withCount } from './concern';

test.each([
  ['of nobody', 'new', null, true],
  ['mine', 'waiting', 'me', true],
  ['a colleague’s', 'open', 'other', false],
  ['a bot’s', 'bot', null, false],
  ['a bot’s, given to me for later', 'bot', 'me', false],
  ['closed', 'closed', 'me', false],
] as const)('a conversation %s', (_, status, assignee, expected) => {
  expect(concerns({ status, assignee_id: assignee }, 'me')).toBe(expected);
});

test('what waits in a department is told to its people, and to everybody where it has none', () => {
  expect(isTold({ members: ['me', 'other'] }, 'me')).toBe(true);
  expect(isTold({ members: ['other'] }, 'me')).toBe(false);
  expect(isTold({ members: [] }, 'me')).toBe(true);
  expect(isTold(undefined, 'me')).toBe(true);
});

describe('the title of the window', () => {
  test('has the number once, and loses it', () => {
    const titled = withCount('Диалоги · Отклик', 3);
    expect(titled).toBe('(3) Диалоги · Отклик');
    expect(withCount(titled, 4)).toBe('(4) Диалоги · Отклик');
    expect(withCount(titled, 0)).toBe('Диалоги · Отклик');
  });
  test('keeps brackets of its own', () => expect(withCount('(черновик) Лампы', 0)).toBe('(черновик) Лампы'));
  test('is not made of large figures', () => expect(withCount('Отклик', 100)).toBe('(99+) Отклик'));
});

test('tomorrow’s morning comes after the end of a month, too', () => {
  expect(new Date(tomorrowMorning(new Date(2026, 10, 30, 23, 59)))).toEqual(new Date(2026, 11, 1, 8));
});
