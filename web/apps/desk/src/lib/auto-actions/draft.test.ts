import { describe, expect, it } from 'vitest';
import type { Document } from './document';
import { bodyOf, draftOf, isOffered, leafOf, leafOfStart, newLeaf } from './draft';
import { opsOf, valueKind } from './facts';

const whole: Document = {
  title: 'Помощь',
  enabled: true,
  starts: 'time',
  conditions: {
    all: [
      { fact: 'page_path', op: 'starts_with', value: '/podvesy' },
      { fact: 'seconds_on_page', op: 'at_least', value: 30 },
      {
        any: [
          { fact: 'query.promo', op: 'in', value: ['a', 'b'] },
          { fact: 'field.phone', op: 'is_filled' },
          { fact: 'time', op: 'within', value: { days: ['mon', 'sun'], from: '22:00', to: '06:00' } },
          { fact: 'device', op: 'not_in', value: ['tablet'] },
          { fact: 'exit_intent', op: 'is_true' },
          { fact: 'share', op: 'below', value: 30 },
        ],
      },
    ],
  },
  actions: [
    { type: 'show_suggests', suggest_ids: ['sug_1'] },
    { type: 'message', author: 'bot', text: 'Подсказать?' },
    { type: 'open_widget' },
    { type: 'show_form', fields: ['phone'] },
    { type: 'start_scenario', scenario_id: 'scn_1' },
    { type: 'set_tag', tag: 'лето' },
    { type: 'set_field', key: 'name', value: 'Гость' },
    { type: 'notify', text: 'Смотрит' },
    { type: 'js_event', name: 'help' },
  ],
  limits: { per: 'day', times: 2, pause_seconds: 60, over_open_dialog: true },
};

describe('the form of an auto-action', () => {
  it('sends back what it was given', () => {
    expect(bodyOf(draftOf(whole))).toEqual(whole);
    const any: Document = { ...whole, conditions: { any: [] } };
    expect(bodyOf(draftOf(any))).toEqual(any);
  });

  it('begins once a visit, without conditions', () => {
    expect(bodyOf(draftOf(null))).toEqual({
      title: '',
      enabled: true,
      starts: 'page',
      conditions: { all: [] },
      actions: [],
      limits: { per: 'visit', times: 1, pause_seconds: 0, over_open_dialog: false },
    });
  });

  it('reads a comma in a number, and leaves what is no number for the server to refuse', () => {
    const typed = (text: string) => leafOf(newLeaf('seconds_on_page', { text })).value;
    expect(typed(' 2,5 ')).toBe(2.5);
    expect(typed('много')).toBe('много');
    expect(typed('')).toBe('');
  });

  it('offers the condition that a start wants', () => {
    expect(leafOfStart('exit').map(leafOf)).toEqual([{ fact: 'exit_intent', op: 'is_true' }]);
    expect(leafOfStart('page')).toEqual([]);
  });

  it('gives the offered condition away for another one, and never what somebody wrote', () => {
    expect(isOffered([], 'page')).toBe(true);
    expect(isOffered(leafOfStart('time'), 'time')).toBe(true);
    expect(isOffered([newLeaf('seconds_on_page', { text: '45' })], 'time')).toBe(false);
    expect(isOffered([...leafOfStart('time'), newLeaf()], 'time')).toBe(false);
  });
});

describe('operators', () => {
  it('fit their fact', () => {
    expect(opsOf('tag')).toEqual(['has', 'has_not']);
    expect(opsOf('field')).not.toContain('at_least');
    expect(opsOf('field', true)).toContain('at_least');
    expect(opsOf('field')).not.toContain('matches');
    expect(opsOf('share')[0]).toBe('below');
  });

  it('decide what is typed', () => {
    expect(valueKind('page_url', 'is_empty')).toBe('none');
    expect(valueKind('page_url', 'in')).toBe('list');
    expect(valueKind('device', 'in')).toBe('devices');
    expect(valueKind('field', 'at_least')).toBe('number');
    expect(valueKind('event', 'is')).toBe('number');
    expect(valueKind('time', 'not_within')).toBe('hours');
  });
});
