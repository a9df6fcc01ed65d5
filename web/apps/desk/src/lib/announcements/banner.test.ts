import type { Announcement } from '@otklik/api';
import { expect, it } from 'vitest';
import { linesAt, toneAt } from './banner';

const at = (iso: string) => Date.parse(iso);

function announcement(values: Partial<Announcement>): Announcement {
  return {
    id: 'ann_1',
    source: 'account',
    kind: 'maintenance',
    title_ru: 'Работы',
    title_en: '',
    text_ru: '',
    text_en: '',
    link: null,
    window_from: '2026-12-15T21:01:00Z',
    window_to: '2026-12-16T00:00:00Z',
    connection_id: null,
    connection_title: null,
    channel: null,
    roles: ['operator'],
    project_ids: [],
    written_by: 'Анна',
    created_at: '2026-12-01T00:00:00Z',
    published_at: '2026-12-01T00:00:00Z',
    ended_at: null,
    read: false,
    hidden: false,
    editable: false,
    ...values,
  };
}

it('tells of maintenance quietly a day ahead, loudly while it goes on, and not at all afterwards', () => {
  const work = announcement({});
  const seen = (moment: string, values: Partial<Announcement> = {}) =>
    toneAt({ ...work, ...values }, at(moment));
  expect(seen('2026-12-14T21:00:00Z')).toBeNull();
  expect(seen('2026-12-14T21:01:00Z')).toBe('planned');
  expect(seen('2026-12-15T21:00:59Z')).toBe('planned');
  expect(seen('2026-12-15T21:01:00Z')).toBe('maintenance');
  expect(seen('2026-12-15T23:59:59Z')).toBe('maintenance');
  expect(seen('2026-12-16T00:00:00Z')).toBeNull();
  expect(seen('2026-12-15T20:00:00Z', { hidden: true }), 'the quiet line was closed').toBeNull();
  expect(seen('2026-12-15T22:00:00Z', { hidden: true }), 'what goes on is told all the same').toBe(
    'maintenance',
  );
  expect(seen('2026-12-15T22:00:00Z', { ended_at: '2026-12-15T21:30:00Z' })).toBeNull();
});

it('tells of an incident until it is over, and never of news', () => {
  const incident = announcement({ kind: 'incident', window_from: null, window_to: null });
  expect(toneAt(incident, at('2027-01-01T00:00:00Z'))).toBe('incident');
  expect(toneAt({ ...incident, hidden: true }, at('2027-01-01T00:00:00Z'))).toBe('incident');
  expect(toneAt({ ...incident, ended_at: '2026-12-31T00:00:00Z' }, at('2027-01-01T00:00:00Z'))).toBeNull();
  const bounded = { ...incident, window_to: '2026-12-31T00:00:00Z' };
  expect(toneAt(bounded, at('2027-01-01T00:00:00Z'))).toBeNull();
  expect(toneAt(announcement({ kind: 'news' }), at('2026-12-15T22:00:00Z'))).toBeNull();
});

it('puts the gravest first', () => {
  const planned = announcement({
    id: 'p',
    window_from: '2026-12-16T03:00:00Z',
    window_to: '2026-12-16T04:00:00Z',
  });
  const goesOn = announcement({ id: 'm' });
  const broken = announcement({ id: 'i', kind: 'incident', window_from: null, window_to: null });
  const lines = linesAt([planned, goesOn, broken], at('2026-12-15T22:00:00Z'));
  expect(lines.map(({ announcement: { id } }) => id)).toEqual(['i', 'm', 'p']);
});
