import { badRequest } from './refusal';
import type { Fault, LedgerLine, StoredFile, Update, User } from './types';

interface Chat {
  user: User;
  isBlocked: boolean;
}

/** Everything the server knows of one bot. */
export class Bot {
  readonly me: User;
  readonly chats = new Map<number, Chat>();
  readonly files = new Map<string, StoredFile>();
  readonly callbacks = new Set<string>();
  readonly ledger: LedgerLine[] = [];
  readonly queue: Update[] = [];
  readonly faults = new Map<string, Fault[]>();
  floodUntil = 0;
  allowedUpdates: string[] | null = null;
  private nextMessage = 1;
  private nextFile = 1;
  private nextUpdate = 1000;

  constructor(readonly token: string) {
    const id = Number(token.split(':')[0]);
    this.me = { id, is_bot: true, first_name: 'Лавка', username: `fern_${id}_bot` };
  }

  messageId(): number {
    return this.nextMessage++;
  }

  updateId(): number {
    return this.nextUpdate++;
  }

  store(name: string, mime: string, bytes: Uint8Array): StoredFile {
    const at = this.nextFile++;
    const ending = /\.[a-z\d]{1,8}$/i.exec(name)?.[0] ?? '';
    const file = {
      file_id: `FILE-${this.me.id}-${at}`,
      path: `files/file_${at}${ending}`,
      name,
      mime,
      bytes,
    };
    this.files.set(file.file_id, file);
    return file;
  }

  chat(id: unknown): Chat {
    const chat = this.chats.get(Number(id));
    if (!chat) throw badRequest('chat not found');
    return chat;
  }

  takeFault(method: string): Fault | undefined {
    return this.faults.get(method)?.shift();
  }

  wants(update: Update): boolean {
    const kind = Object.keys(update).find((key) => key !== 'update_id') ?? '';
    return !this.allowedUpdates?.length || this.allowedUpdates.includes(kind);
  }
}
