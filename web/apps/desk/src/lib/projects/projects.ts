import { ApiError, type Conversation, type Project } from '@otklik/api';
import { inbox } from '$lib/inbox/inbox.svelte';
import { prefs } from '$lib/shared/prefs.svelte';
import { api, session } from '$lib/session/session.svelte';

export function currentProject(): Project | undefined {
  return session.project(prefs.projectId ?? '') ?? session.projects[0];
}

/** What the list of conversations shows: the chosen project, or all of them. */
export function listedProjects(): Project[] {
  const current = currentProject();
  if (prefs.allProjects) return session.projects;
  return current ? [current] : [];
}

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
