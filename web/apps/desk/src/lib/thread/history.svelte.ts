import type { Conversation, Page } from '@otklik/api';
import { reduceConversation } from '@otklik/chat';
import type { ProjectEvent } from '$lib/live/live.svelte';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { Resource } from '$lib/shared/resource.svelte';

/** Other conversations of the client of an open one, kept as events tell. */
export class History {
  readonly list = new Resource(() => this.fetch());
  private contactId = '';

  constructor(
    private readonly projectId: string,
    /** The open one, which is none of them. */
    private readonly id: string,
  ) {}

  load({ contact_id }: Conversation): Promise<void> {
    this.contactId = contact_id;
    return this.list.load();
  }

  /** Those that go on, of these contacts. */
  goingOn(contactIds: ReadonlySet<string>): Conversation[] {
    const isOurs = ({ status, project_id, contact_id }: Conversation) =>
      status !== 'closed' && project_id === this.projectId && contactIds.has(contact_id);
    return (this.list.data ?? []).filter(isOurs);
  }

  /** What becomes of them; one that begins is fetched. */
  apply(event: ProjectEvent, contactIds: ReadonlySet<string>) {
    const { data } = this.list;
    if (!data) return;
    const next = data.map((item) => reduceConversation(item, event, session.user.id));
    if (next.some((item, index) => item !== data[index])) this.list.data = next;
    if (event.kind !== 'conversation.created' && event.kind !== 'conversation.updated') return;
    const { id, contact_id } = event.data;
    const isNew = id !== this.id && !data.some((item) => item.id === id);
    if (isNew && contactIds.has(contact_id)) void this.list.load();
  }

  private async fetch(): Promise<Conversation[]> {
    const path = `/projects/${this.projectId}/contacts/${this.contactId}/conversations`;
    const page = await api.get<Page<Conversation>>(path);
    return page.items.filter((item) => item.id !== this.id);
  }
}
