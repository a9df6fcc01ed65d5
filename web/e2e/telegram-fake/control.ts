import type { Bot } from './bot';
import type { TelegramFake } from './server';
import type { Fault, LedgerLine, Update, User } from './types';

/** What the people of a test do in Telegram, and what goes wrong there. */
export class Control {
  constructor(
    readonly fake: TelegramFake,
    readonly bot: Bot,
  ) {}

  person(id: number, firstName: string, username?: string): Person {
    const user: User = { id, is_bot: false, first_name: firstName, ...(username ? { username } : {}) };
    this.bot.chats.set(id, { user, isBlocked: false });
    return new Person(this, user);
  }

  /** Brings updates in exactly this order, however often each is named. */
  bring(...updates: Update[]) {
    this.fake.updates.add(
      this.bot,
      updates.map((update) => ({ ...update })),
    );
  }

  /** The next call of this method goes wrong so. */
  fault(method: string, fault: Fault) {
    this.bot.faults.set(method, [...(this.bot.faults.get(method) ?? []), fault]);
  }

  /** For so long every message is answered with 429 and the rest of the time. */
  flood(seconds: number) {
    this.bot.floodUntil = Date.now() + seconds * 1000;
  }

  calls(method: string): LedgerLine[] {
    return this.bot.ledger.filter((line) => line.method === method);
  }

  /** Calls of sendMessage with this text. */
  sent(text: string): LedgerLine[] {
    return this.calls('sendMessage').filter((line) => line.params.text === text);
  }
}

/** Somebody who talks to the bot. The makers build an update without bringing it. */
export class Person {
  constructor(
    private readonly control: Control,
    readonly user: User,
  ) {}

  private get bot(): Bot {
    return this.control.bot;
  }

  message(content: Record<string, unknown>): Update {
    const message = { message_id: this.bot.messageId(), ...this.place(), ...content };
    return { update_id: this.bot.updateId(), message };
  }

  edit(original: Update, text: string): Update {
    const before = original.message as Record<string, unknown>;
    const edited_message = { ...before, text, edit_date: Math.floor(Date.now() / 1000) };
    return { update_id: this.bot.updateId(), edited_message };
  }

  /** A press of a button under the bot's newest message to this person. */
  press(data: string): Update {
    const id = `callback-${this.bot.updateId()}`;
    this.bot.callbacks.add(id);
    const query = { id, from: this.user, chat_instance: '1', data };
    return { update_id: this.bot.updateId(), callback_query: query };
  }

  says(text: string): Update {
    return this.brings(this.message({ text }));
  }

  sharesContact(phone: string, owner: number): Update {
    const contact = { phone_number: phone, first_name: 'Нина', user_id: owner };
    return this.brings(this.message({ contact }));
  }

  sendsDocument(name: string, mime: string, bytes: Uint8Array, caption?: string): Update {
    const { file_id } = this.bot.store(name, mime, bytes);
    const document = {
      file_id,
      file_unique_id: 'u',
      file_name: name,
      mime_type: mime,
      file_size: bytes.length,
    };
    return this.brings(this.message({ document, ...(caption ? { caption } : {}) }));
  }

  sendsPhoto(bytes: Uint8Array, caption?: string): Update {
    const { file_id } = this.bot.store('photo.jpg', 'image/jpeg', bytes);
    const size = (width: number) => ({ file_id, file_unique_id: `u${width}`, width, height: width });
    return this.brings(this.message({ photo: [size(90), size(800)], ...(caption ? { caption } : {}) }));
  }

  blocks() {
    this.bot.chat(this.user.id).isBlocked = true;
  }

  private brings(update: Update): Update {
    this.control.bring(update);
    return update;
  }

  private place() {
    const { id, first_name } = this.user;
    return {
      date: Math.floor(Date.now() / 1000),
      chat: { id, type: 'private', first_name },
      from: this.user,
    };
  }
}
