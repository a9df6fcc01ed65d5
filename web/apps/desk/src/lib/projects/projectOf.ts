import { ApiError } from '@otklik/api';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { currentProject } from './projects';

/** A link to a thing names no project: the chosen one is asked first, then the others. */
export async function projectOf(thing: string): Promise<string | null> {
  const current = currentProject();
  if (!current) return null;
  if (session.projects.length === 1) return current.id;
  const order = [current, ...session.projects.filter((project) => project.id !== current.id)];
  for (const project of order) {
    try {
      await api.get(`/projects/${project.id}/${thing}`);
      return project.id;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }
  return current.id;
}
