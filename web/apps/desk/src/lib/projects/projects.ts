import type { Project } from '@otklik/api';
import { prefs } from '$lib/shared/prefs.svelte';
import { session } from '$lib/session/session.svelte';

export function currentProject(): Project | undefined {
  return session.project(prefs.projectId ?? '') ?? session.projects[0];
}

/** What the list of conversations shows: the chosen project, or all of them. */
export function listedProjects(): Project[] {
  const current = currentProject();
  if (prefs.allProjects) return session.projects;
  return current ? [current] : [];
}
