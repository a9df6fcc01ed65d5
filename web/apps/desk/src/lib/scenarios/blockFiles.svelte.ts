import type { Attachment } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';
import { Uploads } from '$lib/thread/uploads.svelte';

/** Files of a message at most. */
export const MOST_FILES = 10;

/** The files that a project's bots may send, and those on their way into a block: they arrive also when another block is looked at by then. */
export class BlockFiles {
  readonly list = new Resource(() => api.all<Attachment>(`/projects/${this.projectId}/scenario-files`));
  /** By block; each is made by whoever first looks at its block. */
  private readonly uploads: Record<string, Uploads> = {};

  constructor(
    private readonly projectId: string,
    private readonly attach: (block: string, file: string) => void,
  ) {}

  /** What is on its way into a block. */
  into(block: string): Uploads {
    return (this.uploads[block] ??= new Uploads(this.projectId, 'scenario-files', (file) => {
      // The name is there before the file is.
      void this.list.load().then(() => this.attach(block, file.id));
    }));
  }

  /** Whether something is still on its way. */
  get busy(): boolean {
    return Object.values(this.uploads).some((uploads) => uploads.busy);
  }

  /** A file by its id; null when the project has none such, undefined while nobody knows. */
  get(id: string): Attachment | null | undefined {
    return this.list.data ? (this.list.data.find((file) => file.id === id) ?? null) : undefined;
  }
}
