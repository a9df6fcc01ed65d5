import type { Answer, Schemas } from '@otklik/api';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

export type ContactOptOut = Answer<Schemas['ContactOptOut']>;
export type OptOut = Answer<Schemas['OptOut']>;

/** Who of a person said so by himself: only he takes that back. */
const OWN: readonly OptOut['source'][] = ['stop_word', 'link', 'channel'];
export const isOwnWill = (items: readonly OptOut[]) => items.some(({ source }) => OWN.includes(source));

/** Whether one client takes mailings. */
export class Consent {
  readonly answer = new Resource(() => api.get<ContactOptOut>(this.path));

  constructor(
    private readonly projectId: string,
    private readonly contactId: string,
  ) {}

  /** A word of the client may be the one that unsubscribes; returns how to stop. */
  follow(): () => void {
    const refresher = new Refresher(() => this.answer.load());
    const forget = live.follow('consent', (event) => {
      if (event.project_id === this.projectId) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
    };
  }

  async optOut() {
    await api.put(this.path, {});
    await this.answer.load();
  }

  /** Takes back what one of us has set. */
  async takeBack() {
    await api.delete(this.path);
    await this.answer.load();
  }

  private get path() {
    return `/projects/${this.projectId}/contacts/${this.contactId}/opt-out`;
  }
}
