import type { Project } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { prefs } from '$lib/shared/prefs.svelte';
import type { ReplyDraft } from './reply';

export function currentProject(): Project | undefined {
  return session.project(prefs.projectId ?? '') ?? session.projects[0];
}

/** What the list of conversations shows: the chosen project, or all of them. */
export function listedProjects(): Project[] {
  const current = currentProject();
  if (prefs.allProjects) return session.projects;
  return current ? [current] : [];
}

export async function createProject(name: string): Promise<Project> {
  const project = await api.post<Project>('/projects', { name });
  session.replaceProject(project);
  live.followProjects();
  return project;
}

export async function changeProject(
  id: string,
  values:
    | { allowed_origins: string[] }
    | { answer_assigns: boolean }
    | { time_zone: string }
    | { watch_visitors: boolean }
    | { typing_preview: boolean }
    | { several_conversations: boolean }
    | { told_by_department: boolean }
    | ReplyDraft,
) {
  session.replaceProject(await api.patch<Project>(`/projects/${id}`, values));
}

/** The demo projects with everybody in them. What the page knows of projects and positions is gone with them. */
export async function removeDemo() {
  await api.delete('/demo');
  live.stop();
  location.reload();
}
