import type { Message, Page } from '@otklik/api';
import { api } from '$lib/shared/api';

/** The conversation of a client in which something was said last, in whichever channel. */
export async function lastConversation(projectId: string, contactId: string): Promise<string | null> {
  const path = `/projects/${projectId}/contacts/${contactId}/timeline`;
  const page = await api.get<Page<Message>>(path, { limit: 1 });
  return page.items[0]?.conversation_id ?? null;
}
