import { redirect } from '@sveltejs/kit';
import { session } from '$lib/session/session.svelte';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ url }) => {
  const signedIn = await session.ensure();
  if (!signedIn) redirect(307, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
  // The server refuses everything else: there is nothing to show before it is set up.
  if (session.owesCode) redirect(307, '/sign-in/code');
};
