import type { ViewQuery } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { directory } from '$lib/projects/directory.svelte';
import { duration } from '$lib/shared/format';
import { channelName } from '$lib/shared/words';
import { folderNames } from './folders';

const MINUTE_MS = 60_000;

const holderName = (assignee: string) =>
  assignee === 'me'
    ? m.filter_assignee_me()
    : assignee === 'nobody'
      ? m.filter_assignee_nobody()
      : directory.userName(assignee) || m.filter_assignee_gone();

/** What a view lists, in one line. */
export function aboutView(query: ViewQuery): string {
  const { folder, order, assignee, channel, tag, waiting_minutes, field, value } = query;
  return [
    folderNames[folder ?? 'all'](),
    assignee && holderName(assignee),
    channel && channelName(channel),
    tag && m.filter_tag_is({ tag }),
    waiting_minutes && m.filter_waiting_over({ time: duration(waiting_minutes * MINUTE_MS) }),
    field && m.filter_field_is({ field: directory.fieldTitle(field), value: value || m.clients_value_any() }),
    order === 'newest' ? m.list_newest() : m.list_waiting(),
  ]
    .filter(Boolean)
    .join(' · ');
}
