import { projectOfContact } from '$lib/clients/projectOfContact';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  // The guard above has to know who is asking before a project can be chosen.
  await parent();
  return { contactId: params.contactId, projectId: await projectOfContact(params.contactId) };
};
