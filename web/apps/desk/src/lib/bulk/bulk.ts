import type { BulkAction, BulkResult, Conversation } from '@otklik/api';
import { api } from '$lib/shared/api';

/** One conversation as it was, what was done with it, and what became of that. */
export interface Done {
  before: Conversation;
  action: BulkAction;
  result: BulkResult;
}

export interface Outcome {
  done: Done[];
  refused: Done[];
}

/** Does something with each: one request for a project. */
export async function apply(changes: { before: Conversation; action: BulkAction }[]): Promise<Outcome> {
  const outcome: Outcome = { done: [], refused: [] };
  for (const projectId of new Set(changes.map(({ before }) => before.project_id))) {
    const own = changes.filter(({ before }) => before.project_id === projectId);
    const body = own.map(({ before, action }) => ({ conversation_id: before.id, action }));
    const { results } = await api.post<{ results: BulkResult[] }>(
      `/projects/${projectId}/conversations/bulk`,
      {
        changes: body,
      },
    );
    own.forEach((change, index) => {
      const result = results[index];
      if (result) outcome[result.done ? 'done' : 'refused'].push({ ...change, result });
    });
  }
  return outcome;
}

/** What takes it back, naming what it expects to find; null when there is nothing to take back. */
export function undoing({ before, action, result }: Done): BulkAction | null {
  switch (action.kind) {
    case 'assign':
      if (before.assignee_id === action.user_id) return null;
      return { kind: 'assign', user_id: before.assignee_id, instead_of: action.user_id, only_then: true };
    case 'tag': {
      const [remove, add] = [result.added_tags, result.removed_tags];
      return remove.length + add.length > 0 ? { kind: 'tag', add, remove } : null;
    }
    case 'close':
      if (before.status === 'closed') return null;
      return { kind: 'reopen', closed_at: result.conversation?.closed_at ?? null };
    case 'snooze':
      if (before.status === 'snoozed') return { kind: 'snooze', until: before.snoozed_until };
      return { kind: 'wake', until: result.conversation?.snoozed_until ?? null };
    case 'reopen':
    case 'wake':
      return null;
  }
}
