import { ApiError, type Conversation } from '@otklik/api';
import { currentProject } from '$lib/projects/projects';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { inbox } from './inbox.svelte';

/** A link to a conversation names no project: the chosen one is asked first, then the others. */
export async function projectOfConversation(id: string): Promise<string | null> {
  const current = currentProject();
  if (!current) return null;
  const listed = inbox.find(id);
  if (listed) return listed.project_id;
  if (session.projects.length === 1) return current.id;
  const order = [current, ...session.projects.filter((project) => project.id !== current.id)];
  for (const project of order) {
    try {
      await api.get<Conversation>(`/projects/${project.id}/conversations/${id}`);
      return project.id;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }
  return current.id;
}
