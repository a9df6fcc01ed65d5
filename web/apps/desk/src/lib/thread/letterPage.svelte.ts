import type { Message } from '@otklik/api';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

/** A letter as its sender laid it out: a page of the server's own, shown in a frame without rights. */
export class LetterPage {
  /** Pictures of other machines are shown: somebody asked for those of this letter. */
  withPictures = $state(false);
  /** How many pictures lie on other machines; asked first, because a frame does not tell what was refused. */
  readonly elsewhere = new Resource(async () => {
    const headers = await api.headers(this.path, { pictures: this.withPictures ? 'true' : undefined });
    return Number(headers.get('Otklik-Pictures-Elsewhere')) || 0;
  });

  constructor(private readonly message: Message) {}

  get address(): string {
    return `/api/v1${this.path}${this.withPictures ? '?pictures=true' : ''}`;
  }

  private get path(): string {
    return `/projects/${this.message.project_id}/messages/${this.message.id}/page`;
  }
}
