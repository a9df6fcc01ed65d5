import { redirect } from '@sveltejs/kit';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
  const asked = url.searchParams.get('next') ?? '/inbox';
  // Only our own pages: "//host" and absolute addresses would send a person elsewhere.
  const next = /^\/(?![/\\])/.test(asked) ? asked : '/inbox';
  const signedIn = await session.ensure().catch(() => false);
  if (signedIn) redirect(307, next);
  return { next };
};
