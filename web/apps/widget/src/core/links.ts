import { EndingLinks } from '@otklik/chat/fileLink';
import type { Message } from '../contract';
import type { Http } from './http';

/** A page may be open longer than links to files are good. */
export class Links {
  readonly #ending = new EndingLinks();

  constructor(private readonly http: Http) {}

  async renew(shown: Message[], take: (fresh: Message[]) => void) {
    const message = this.#ending.take(shown, Date.now());
    if (!message) return;
    const page = await this.http.history(message.conversation_id, message.seq + 1).catch(() => null);
    if (page) take(page.items);
  }
}
