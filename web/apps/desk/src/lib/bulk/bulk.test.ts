import type { BulkAction, BulkResult, Conversation } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { undoing } from './bulk';

const undo = (
  action: BulkAction,
  before: Partial<Conversation> = {},
  after: Partial<Conversation> = {},
  tags: Partial<BulkResult> = {},
) =>
  undoing({
    before: { status: 'open', assignee_id: null, ...before } as Conversation,
    action,
    result: { added_tags: [], removed_tags: [], ...tags, conversation: after } as unknown as BulkResult,
  });

describe('what takes a change of many back', () => {
  it('gives each to whom it was, and only from whom it was given to', () => {
    expect(undo({ kind: 'assign', user_id: 'anna' }, { assignee_id: 'boris' })).toEqual({
      kind: 'assign',
      user_id: 'boris',
      instead_of: 'anna',
      only_then: true,
    });
    expect(undo({ kind: 'assign', user_id: 'anna' }, { assignee_id: 'anna' })).toBeNull();
  });

  it('takes away only tags that were new', () => {
    const tagged = undo({ kind: 'tag', add: ['vip', 'опт'] }, {}, {}, { added_tags: ['опт'] });
    expect(tagged).toEqual({ kind: 'tag', add: [], remove: ['опт'] });
    expect(undo({ kind: 'tag', add: ['vip'] })).toBeNull();
  });

  it('opens what it closed, and wakes what it put off, unless that was done anew', () => {
    expect(undo({ kind: 'close' }, {}, { closed_at: 'T' })).toEqual({ kind: 'reopen', closed_at: 'T' });
    expect(undo({ kind: 'close' }, { status: 'closed' })).toBeNull();
    expect(undo({ kind: 'snooze', until: 'T' }, {}, { snoozed_until: 'T' })).toEqual({
      kind: 'wake',
      until: 'T',
    });
    const again = { status: 'snoozed', snoozed_until: 'S' } as const;
    expect(undo({ kind: 'snooze', until: 'T' }, again)).toEqual({ kind: 'snooze', until: 'S' });
  });
});
