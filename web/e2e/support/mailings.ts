import { type Control, type Person } from '../telegram-fake/control';
import { type Product } from './product';
import { until } from './wait';

export interface Mailing {
  id: string;
  state: string;
  revision: number;
  document: Record<string, unknown>;
  counts: Record<string, number>;
}

/** Clients of a Telegram bot, and their mailings by the API. */
export class Mailings {
  constructor(
    readonly product: Product,
    private readonly control: Control,
  ) {}

  /** Somebody who has said hello to the bot; the field of the name and the tags are written by the API. */
  async come(
    id: number,
    name: string,
    handle: string,
    tags: string[],
  ): Promise<Person & { contact: string }> {
    const person = this.control.person(id, name, handle);
    person.says(`Здравствуйте, это ${name}`);
    const conversation = await this.product.api.conversationWith(`Здравствуйте, это ${name}`);
    const contact = conversation.contact_id;
    await this.product.api.project('PATCH', `/contacts/${contact}`, { tags, fields: { name } });
    return Object.assign(person, { contact });
  }

  /** Without quiet hours: the suite runs at any hour. */
  make(title: string, more: Record<string, unknown> = {}): Promise<Mailing> {
    const usual = { channels: ['telegram'], body: { text: `${title}: лампы` }, schedule: { quiet: null } };
    return this.product.api.project('POST', '/mailings', { title, ...usual, ...more });
  }

  read(id: string): Promise<Mailing> {
    return this.product.api.project('GET', `/mailings/${id}`);
  }

  start(id: string): Promise<Mailing> {
    return this.product.api.project('POST', `/mailings/${id}/start`, {});
  }

  /** Waits until it is there. */
  async is(id: string, state: string): Promise<Mailing> {
    return until(`the mailing to be ${state}`, async () => {
      const mailing = await this.read(id);
      return mailing.state === state && mailing;
    });
  }

  /** What the bot has said to a person, the opt-out line and all. */
  saidTo(person: Person): string[] {
    return this.control
      .calls('sendMessage')
      .filter((line) => line.params.chat_id === person.user.id)
      .map((line) => String(line.params.text));
  }
}
