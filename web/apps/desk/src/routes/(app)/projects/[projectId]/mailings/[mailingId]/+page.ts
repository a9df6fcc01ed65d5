import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  const { projectId } = await parent();
  return { projectId, mailingId: params.mailingId };
};
