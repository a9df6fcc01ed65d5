import { ApiError, type Field } from '@otklik/api';
import { toast } from 'svelte-sonner';
import { GroupDecisions } from '$lib/card/decisions.svelte';
import { filled } from '$lib/canned-replies/fill';
import { readable } from '$lib/card/inputs';
import { missingRequired } from '$lib/card/required';
import { valuesOf } from '$lib/card/values';
import { live } from '$lib/live/live.svelte';
import { VIEWING_EVERY_MS } from '$lib/live/viewers.svelte';
import { m } from '$lib/paraglide/messages';
import { directory } from '$lib/projects/directory.svelte';
import { attempt } from '$lib/shared/attempt';
import { clock } from '$lib/shared/clock.svelte';
import { rowTime } from '$lib/shared/format';
import { problemText } from '$lib/shared/problem';
import { session } from '$lib/session/session.svelte';
import { snoozedText } from '$lib/snooze/words';
import { drafts } from './drafts.svelte';
import { groupChangeText, type GroupChange } from './groupChange';
import { mentionsIn } from './mention';
import { ThreadState } from './thread.svelte';
import { keptUploads, type Uploads } from './uploads.svelte';

/** Whom a conversation is passed on to. */
export type TransferTarget = { user_id: string } | { department_id: string };

/** Long enough to read the line and think again. */
const UNDO_MS = 10_000;

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
    this.uploads = keptUploads.of(projectId, id);
    this.decisions = new GroupDecisions(projectId);
    const ongroup = (change: GroupChange) => {
      // Who decided it here has been told already.
      if (!this.decisions.hasJustDecided) groupChangeText(change).forEach((text) => toast(text));
    };
    this.thread = new ThreadState(projectId, id, ongroup, (of) => drafts.get(of) !== '');
  }

  readonly contacts = $derived.by(() => this.thread.group?.contacts ?? []);
  readonly online = $derived.by(() => this.contacts.find(({ id }) => live.onlineContacts.has(id)));
  readonly lastSeen = $derived.by(() => {
    // The last sign of life: a message, or the page that was closed. A contact's own moment is that of its last coming or going.
    const signs = [
      ...this.contacts.flatMap(({ id, last_seen_at }) => [last_seen_at, live.leftAt.get(id)]),
      ...this.thread.channels.map((channel) => channel.last_message_at),
    ];
    const last = signs
      .flatMap((sign) => sign ?? [])
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
  /** Who types, in any of the client's open conversations. */
  readonly typist = $derived.by(() => this.thread.ids.map((id) => live.typing.get(id)).find(Boolean));
  readonly viewers = $derived.by(() => {
    const all = this.thread.ids.flatMap((id) => live.viewers.of(id));
    return all.filter(({ id }, index) => all.findIndex((one) => one.id === id) === index);
  });
  /** What is being written, for the conversation that it would go to. */
  readonly draft = $derived.by(() => drafts.get(this.thread.answering));

  /** Loads it, and tells colleagues now and then who looks at it; returns how to leave. */
  open(): () => void {
    const unfollow = this.decisions.follow();
    void directory.open(this.projectId);
    void this.thread.load();
    live.view(this.id);
    const forgetLink = live.onOnline(() => live.view(this.id));
    const viewing = setInterval(() => {
      if (!document.hidden) live.view(this.id);
    }, VIEWING_EVERY_MS);
    return () => {
      clearInterval(viewing);
      forgetLink();
      unfollow();
      this.thread.dispose();
    };
  }

  typed(text: string) {
    const to = this.thread.answering;
    drafts.set(this.projectId, to, text);
    if (text) live.type(to);
  }

  send(text: string, kind: 'message' | 'note', answered: string | null = null) {
    const named = kind === 'note' ? mentionsIn(text, directory.users) : [];
    this.thread.send(text, kind === 'message' ? this.uploads.ready : [], kind, { mentions: named, answered });
    if (kind === 'message') this.uploads.clear();
    drafts.set(this.projectId, this.thread.answering, '');
  }

  /** A colleague has answered meanwhile: what was refused goes back into the field. True when there was such a thing. */
  takeBack(): boolean {
    const stale = this.thread.staleEntry;
    const entry = stale && live.discard(stale.client_id);
    if (!entry) return false;
    const rest = this.draft;
    drafts.set(this.projectId, this.thread.answering, rest ? `${entry.text}\n${rest}` : entry.text);
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

  /** Takes a conversation that nobody has; who was quicker is said. */
  async accept() {
    await this.orSayWho(() => this.thread.accept());
  }

  /** Gives it to a colleague, to oneself or back to the queue. Whoever had it keeps it if the taker thinks again. */
  async assign(userId: string | null) {
    const before = this.thread.conversation?.assignee_id ?? null;
    if (userId === before || !(await this.orSayWho(() => this.thread.assign(userId, before)))) return;
    const undo = () => void this.orSayWho(() => this.thread.assign(before, userId));
    const name = directory.userName(userId);
    const former = directory.userName(before);
    const text =
      userId === null ? m.unassigned() : former ? m.taken_from({ name, former }) : m.given_to({ name });
    toast(text, { duration: UNDO_MS, action: { label: m.undo(), onClick: undo } });
  }

  /** Passes it on with a note. Somebody who took it meanwhile keeps it, and the dialog says so. */
  async transfer(to: TransferTarget, note: string) {
    const instead_of = this.thread.conversation?.assignee_id ?? null;
    await this.thread.transfer({ ...to, instead_of, ...(note ? { note } : {}) });
    const text =
      'user_id' in to
        ? m.transfer_done_person({ name: directory.userName(to.user_id) })
        : m.transfer_done_department({ name: directory.departmentName(to.department_id) });
    toast.success(text);
  }

  /** Puts it off; whoever thinks again has it as it was. */
  async snooze(until: string | null) {
    if (!(await attempt(() => this.thread.snooze(until)))) return;
    const text = snoozedText(until, clock.now);
    toast(text, { duration: UNDO_MS, action: { label: m.undo(), onClick: () => void this.wake() } });
  }

  async wake() {
    await attempt(() => this.thread.wake());
  }

  /** A canned reply with what is known of this client. */
  fillIn(text: string): string {
    const own = this.thread.conversation?.contact_id ?? '';
    const valueOf = (key: string) => {
      if (key === 'operator.name') return session.user.name;
      const field = directory.fields.find((one) => one.key === key);
      const value = field && valuesOf(this.contacts, own, field)[0];
      return field && value ? readable(field, value.text) : null;
    };
    return filled(text, { valueOf, titleOf: (key) => directory.fieldTitle(key) });
  }

  private async orSayWho(action: () => Promise<void>): Promise<boolean> {
    return attempt(action, (error) => {
      const isTaken = error instanceof ApiError && error.code === 'already_taken';
      const name = directory.userName(this.thread.conversation?.assignee_id ?? null);
      return isTaken && name ? m.taken_by({ name }) : problemText(error);
    });
  }

  private async finish() {
    await this.thread.close();
    const reopen = () => void attempt(() => this.thread.reopen());
    toast(m.chat_closed(), { duration: UNDO_MS, action: { label: m.undo(), onClick: reopen } });
  }

  private asksForFields(): boolean {
    this.required = missingRequired(directory.fields, this.contacts);
    this.asking = this.required.length > 0;
    return this.asking;
  }
}
