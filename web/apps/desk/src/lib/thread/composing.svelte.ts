import type { Message } from '@otklik/api';
import { mergeMessages } from '@otklik/chat';
import { toast } from 'svelte-sonner';
import { m } from '$lib/paraglide/messages';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { drafts } from './drafts.svelte';
import type { OpenConversation } from './openConversation.svelte';
import { lastToEdit, type Reviser } from './revise';

/** What the field under a thread is for just now: an answer to one message, or another text of one that is said. */
export class Composing {
  answered = $state.raw<Message | null>(null);
  edited = $state.raw<Message | null>(null);
  /** The text of the edit: the draft of the next answer stays beside it. */
  text = $state('');
  busy = $state(false);

  constructor(private readonly opened: OpenConversation) {}

  get by(): Reviser {
    return { id: session.user.id, mayAll: session.canConfigure };
  }

  /** Only what stands in this very conversation is answered by name, while it goes on. */
  canAnswer(message: Message): boolean {
    const { conversation } = this.opened.thread;
    const isHere = message.conversation_id === conversation?.id && conversation.status !== 'closed';
    return isHere && message.kind !== 'event' && !message.content.deleted && message.seq > 0;
  }

  answer(message: Message) {
    this.stop();
    this.answered = message;
    this.opened.thread.chooseReplyChannel(message.contact_id);
  }

  edit(message: Message) {
    this.stop();
    this.edited = message;
    this.text = message.content.text;
  }

  /** True when there is something to change. */
  editLast(): boolean {
    const ours = this.opened.thread.messages.filter(
      ({ conversation_id }) => conversation_id === this.opened.id,
    );
    const last = lastToEdit(ours, this.by, Date.now());
    if (last) this.edit(last);
    return last !== null;
  }

  /** True when there was something to stop. */
  stop(): boolean {
    const was = this.answered !== null || this.edited !== null;
    [this.answered, this.edited, this.text] = [null, null, ''];
    return was;
  }

  /** What a message answers goes with it where it goes to the same contact. */
  takeAnswered(kind: 'message' | 'note'): string | null {
    const answered = this.answered;
    this.answered = null;
    const { thread } = this.opened;
    const isThere = kind === 'note' || (thread.replyTo ?? answered?.contact_id) === answered?.contact_id;
    return answered && isThere ? answered.id : null;
  }

  /** Puts the other text in place. It stays in the field until the server has taken it. */
  async save(text: string) {
    const message = this.edited;
    if (!message || this.busy) return;
    if (text === message.content.text) {
      this.stop();
      return;
    }
    this.busy = true;
    const isSaved = await attempt(async () =>
      this.take(await api.patch<Message>(this.path(message), { text })),
    );
    this.busy = false;
    if (isSaved && this.edited?.id === message.id) this.stop();
  }

  /** Takes a message away; its words can be put back into the field, not to the client. */
  async remove(message: Message) {
    await attempt(async () => {
      this.take(await api.delete<Message>(this.path(message)));
      if (this.edited?.id === message.id || this.answered?.id === message.id) this.stop();
      const words = message.content.text;
      const putBack = {
        label: m.msg_put_back(),
        onClick: () => drafts.set(this.opened.projectId, this.opened.thread.answering, words),
      };
      toast(m.msg_deleted_done(), { duration: 10_000, ...(words ? { action: putBack } : {}) });
    });
  }

  private take(message: Message) {
    const { thread } = this.opened;
    thread.messages = mergeMessages(thread.messages, [message]);
  }

  private path(message: Message): string {
    return `/projects/${this.opened.projectId}/messages/${message.id}`;
  }
}
