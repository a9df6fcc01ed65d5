import { redirect } from '@sveltejs/kit';
import { session } from '$lib/session/session.svelte';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ url }) => {
  const signedIn = await session.ensure();
  if (!signedIn) redirect(307, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
};
