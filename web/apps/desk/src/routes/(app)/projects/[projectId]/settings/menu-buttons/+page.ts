import { redirect } from '@sveltejs/kit';
import type { PageLoad } from './$types';

/** Menu buttons are a part of the appearance now; old links lead there. */
export const load: PageLoad = ({ params }) => {
  redirect(307, `/projects/${params.projectId}/settings/appearance?tab=menu`);
};
