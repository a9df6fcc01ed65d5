import type { Project } from '@otklik/api';
import { expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { newSpan, promiseText, replyDraft } from './reply';

it('names a promise in both languages', () => {
  overwriteGetLocale(() => 'ru');
  expect([0, 1, 5, 60, 90, 480].map(promiseText)).toEqual([
    'Не обещать',
    '1 минута',
    '5 минут',
    '1 час',
    '90 минут',
    '8 часов',
  ]);
  overwriteGetLocale(() => 'en');
  expect(promiseText(120)).toBe('2 hours');
});

it('edits a copy of what the project has', () => {
  const project = { working_hours: [newSpan()], reply_minutes: null } as unknown as Project;
  const draft = replyDraft(project);
  draft.working_hours[0]!.days.pop();
  expect(project.working_hours[0]!.days).toHaveLength(5);
});
