import { projectOfConversation } from '$lib/inbox/projectOfConversation';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params, parent }) => {
  // The guard above has to know who is asking before a project can be chosen.
  await parent();
  const projectId = await projectOfConversation(params.conversationId);
  return { conversationId: params.conversationId, projectId };
};
