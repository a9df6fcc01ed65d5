import { redirect } from '@sveltejs/kit';
import { session } from '$lib/session/session.svelte';
import type { PageLoad } from './$types';

/** Whoever owes a code of the phone sets it up here; everybody else has no business here. */
export const load: PageLoad = async () => {
  if (!(await session.ensure())) redirect(307, '/sign-in');
  if (!session.owesCode) redirect(307, '/inbox');
};
