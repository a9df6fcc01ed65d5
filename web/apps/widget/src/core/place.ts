import type { Hello, Message } from '../contract';

/** Where the visitor is in the conversation that goes on. */
export class Place {
  id: string | null = null;
  /** The last number of the server's own ordered stream. Answers to our sending do not count: they may overtake it. */
  seq = 0;

  /** A line begins; `hasHistory` says that a history was read before. */
  begin({ conversation }: Hello, hasHistory: boolean) {
    if (!conversation || conversation.id === this.id) return;
    // Where a history was read before there was any conversation, all of it is news.
    this.seq = this.id || hasHistory ? 0 : Math.max(this.seq, conversation.seq);
    this.id = conversation.id;
  }

  heard(message: Message) {
    if (message.conversation_id !== this.id) this.forget(message.conversation_id);
    this.seq = Math.max(this.seq, message.seq);
  }

  /** The newest message of a history: of another conversation it says nothing. */
  read(newest: Message) {
    if (newest.conversation_id === (this.id ?? newest.conversation_id)) this.heard(newest);
  }

  forget(id: string | null = null) {
    this.id = id;
    this.seq = 0;
  }
}
