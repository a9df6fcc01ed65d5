import { projectOf } from '$lib/projects/projectOf';
import { inbox } from './inbox.svelte';

/** The project of a conversation that is opened by its address; what the list knows need not be asked. */
export async function projectOfConversation(id: string): Promise<string | null> {
  return inbox.find(id)?.project_id ?? projectOf(`conversations/${id}`);
}
