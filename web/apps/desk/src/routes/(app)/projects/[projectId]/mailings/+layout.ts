import { error } from '@sveltejs/kit';
import { session } from '$lib/session/session.svelte';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ params, parent }) => {
  await parent();
  if (!session.project(params.projectId)) error(404);
  return { projectId: params.projectId };
};
