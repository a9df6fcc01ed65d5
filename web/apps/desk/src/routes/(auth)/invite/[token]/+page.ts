import { findInvitation } from '$lib/session/invitation';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params }) => {
  return { token: params.token, invitation: await findInvitation(params.token) };
};
