import type { Attachment } from '@otklik/api';
import { SvelteMap } from 'svelte/reactivity';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';

/** Names of files that were attached here; a document knows their ids only. */
export const fileNames = new SvelteMap<string, string>();

/** The id of the file, or nothing where it was refused, which is said. */
export async function uploadFile(projectId: string, file: File): Promise<string | null> {
  let id: string | null = null;
  await attempt(async () => {
    const attachment = await api.upload<Attachment>(`/projects/${projectId}/files`, file, () => {});
    fileNames.set(attachment.id, attachment.name);
    id = attachment.id;
  });
  return id;
}
