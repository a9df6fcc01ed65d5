import { NotTypebot } from '@otklik/flow';
import { beforeAll, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { groupWarnings, importProblem } from './typebotWords';

beforeAll(() => overwriteGetLocale(() => 'en'));

it('says each kind of warning once, first what must be mended', () => {
  const groups = groupWarnings([
    { code: 'list_as_text', group: 'Main', block: 'b1' },
    { code: 'list_as_text', group: 'Main', block: 'b2' },
    { code: 'list_as_text', block: 'b3' },
    { code: 'empty_question', group: 'Main', block: 'b4' },
    { code: 'newer_version', detail: '7' },
    { code: 'unknown_variable', group: 'Main', block: 'b5', detail: 'City' },
  ]);
  expect(groups.map(({ code, mustMend, places }) => [code, mustMend, places])).toEqual([
    ['empty_question', true, ['Main']],
    ['list_as_text', false, ['Main', 'a group without a title']],
    ['newer_version', false, ['7']],
    ['unknown_variable', false, ['Main: City']],
  ]);
});

it('says why a file was not taken', () => {
  expect(importProblem(new NotTypebot('not_typebot'))).toContain('neither an Otklik scenario nor');
  expect(importProblem(new NotTypebot('old_version'))).toContain('version 1 or 2');
});
