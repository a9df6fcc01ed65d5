import type { Field } from '@otklik/api';
import { beforeAll, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { readable } from './inputs';

const say = (kind: Field['kind'], value: string) => readable({ kind } as Field, value);

beforeAll(() => overwriteGetLocale(() => 'ru'));

it('reads yes, no, dates and times aloud', () => {
  expect(say('bool', 'true')).toBe('Да');
  expect(say('date', '2026-11-02')).toBe('2 ноября 2026 г.');
  expect(say('datetime', '2026-11-02T09:30')).toContain('09:30');
});

it('shows a value that is no date as it stands', () => {
  expect(say('date', '2026-13-45')).toBe('2026-13-45');
  expect(say('text', 'true')).toBe('true');
});
