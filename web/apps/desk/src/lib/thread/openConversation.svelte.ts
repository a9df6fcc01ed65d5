import { ApiError, type Field } from '@otklik/api';
import { toast } from 'svelte-sonner';
import { GroupDecisions } from '$lib/card/decisions.svelte';
import { missingRequired } from '$lib/card/required';
import { live, VIEWING_EVERY_MS } from '$lib/live/live.svelte';
import { m } from '$lib/paraglide/messages';
import { directory } from '$lib/projects/directory.svelte';
import { attempt } from '$lib/shared/attempt';
import { clock } from '$lib/shared/clock.svelte';
import { rowTime } from '$lib/shared/format';
import { problemText } from '$lib/shared/problem';
import { drafts } from './drafts.svelte';
import { groupChangeText } from './groupChange';
import { ThreadState } from './thread.svelte';
import { Uploads } from './uploads.svelte';

/** One conversation in an operator's hands: the thread, what is being written, and what is decided about the client. */
export class OpenConversation {
  readonly thread: ThreadState;
  readonly uploads: Uploads;
  readonly decisions: GroupDecisions;
  /** Fields to be filled in before the conversation is closed. */
  required = $state.raw<Field[]>([]);
  asking = $state(false);

  constructor(
    readonly projectId: string,
    readonly id: string,
  ) {
    this.uploads = new Uploads(projectId);
    this.decisions = new GroupDecisions(projectId);
    this.thread = new ThreadState(projectId, id, (change) => {
      // Who decided it here has been told already.
      if (!this.decisions.hasJustDecided) groupChangeText(change).forEach((text) => toast(text));
    });
  }

  readonly contacts = $derived.by(() => this.thread.group?.contacts ?? []);
  readonly online = $derived.by(() => this.contacts.find(({ id }) => live.onlineContacts.has(id)));
  readonly lastSeen = $derived.by(() => {
    const last = this.contacts
      .flatMap((contact) => contact.last_seen_at ?? [])
      .sort()
      .at(-1);
    return last ? m.last_seen({ time: rowTime(last, clock.now) }) : m.offline_contact();
  });
  readonly channels = $derived.by(() =>
    this.thread.channels.map((channel) => ({
      ...channel,
      online: live.onlineContacts.has(channel.contact_id),
    })),
  );
  readonly typist = $derived.by(() => live.typing.get(this.id));

  /** Loads it, and tells colleagues now and then who looks at it; returns how to leave. */
  open(): () => void {
    const unfollow = this.decisions.follow();
    void directory.open(this.projectId);
    void this.thread.load();
    live.view(this.id);
    const viewing = setInterval(() => {
      if (!document.hidden) live.view(this.id);
    }, VIEWING_EVERY_MS);
    return () => {
      clearInterval(viewing);
      unfollow();
      this.thread.dispose();
    };
  }

  typed(text: string) {
    drafts.set(this.id, text);
    if (text) live.type(this.id);
  }

  send(text: string, kind: 'message' | 'note') {
    this.thread.send(text, kind === 'message' ? this.uploads.ready : [], kind);
    if (kind === 'message') this.uploads.clear();
    drafts.set(this.id, '');
  }

  /** A colleague has answered meanwhile: what was refused goes back into the field. True when there was such a thing. */
  takeBack(): boolean {
    const stale = this.thread.staleEntry;
    const entry = stale && live.discard(stale.client_id);
    if (!entry) return false;
    const rest = drafts.get(this.id);
    drafts.set(this.id, rest ? `${entry.text}\n${rest}` : entry.text);
    this.uploads.restore(entry.attachments);
    return true;
  }

  sendAnyway() {
    const stale = this.thread.staleEntry;
    if (stale) live.resend(stale.client_id, true);
  }

  async close() {
    if (this.asksForFields()) return;
    try {
      await this.finish();
    } catch (error) {
      // Meanwhile somebody has made a field required, or emptied one.
      const isAsked = error instanceof ApiError && error.code === 'required_fields';
      if (isAsked) await Promise.all([directory.refresh(), this.thread.load()]);
      if (!isAsked || !this.asksForFields()) toast.error(problemText(error));
    }
  }

  async fillAndClose(values: Record<string, string | string[] | null>) {
    const contactId = this.thread.conversation?.contact_id;
    if (!contactId) return;
    await this.thread.saveFields(contactId, values);
    await this.finish();
  }

  /** A name that only the channel gave is offered as it is. */
  readonly suggest = (field: Field): string[] => {
    const own = this.contacts.find(({ id }) => id === this.thread.conversation?.contact_id);
    return field.key === 'name' && own?.name ? [own.name] : [];
  };

  private async finish() {
    await this.thread.close();
    const reopen = () => void attempt(() => this.thread.reopen());
    toast(m.chat_closed(), { action: { label: m.undo(), onClick: reopen } });
  }

  private asksForFields(): boolean {
    this.required = missingRequired(directory.fields, this.contacts);
    this.asking = this.required.length > 0;
    return this.asking;
  }
}
