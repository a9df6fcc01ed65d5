import { ApiError } from '@otklik/api';
import { merge, same } from '$lib/shared/merge';
import { isPassing } from '$lib/shared/refusals';
import { Autosave } from '$lib/shared/autosave';
import type { Mailing, MailingDocument } from './contract';
import { editable, sendable } from './document';

const PAUSE_MS = 800;
const RETRY_MS = 10_000;
const MOST_TRIES = 5;

export interface Store {
  read: () => Promise<Mailing>;
  write: (document: MailingDocument, revision: number) => Promise<Mailing>;
}
interface Listener {
  /** The server has it. */
  saved: (mailing: Mailing) => void;
  /** Somebody else has saved, too: this is both, put together; at the paths given mine stands. */
  joined: (document: MailingDocument, clashes: string[]) => void;
  /** It is no draft any more: somebody has started it. */
  started: (mailing: Mailing) => void;
}

const isChanged = (error: unknown) =>
  error instanceof ApiError && error.status === 409 && error.code === 'changed_meanwhile';
const isStarted = (error: unknown) =>
  error instanceof ApiError && error.status === 409 && error.code === 'not_a_draft';

/** Keeps a draft on the server while it is edited. What two people write at once is put together. */
export class DraftSaving {
  mark = $state<'saved' | 'changed' | 'saving' | 'failed'>('saved');
  savedAt = $state('');
  failure = $state.raw<unknown>(null);

  private revision = 0;
  /** What the server has. */
  private kept: MailingDocument | null = null;
  private latest: MailingDocument | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<unknown> | null = null;
  private readonly autosave: Autosave;

  constructor(
    private readonly store: Store,
    private readonly listener: Listener,
  ) {
    this.autosave = new Autosave(() => this.write(), PAUSE_MS);
  }

  get isDirty(): boolean {
    return this.latest !== null && !same(this.latest, this.kept);
  }
  /** Writing that is under way. */
  get work(): Promise<unknown> | null {
    return this.running;
  }

  /** The server has this. */
  start(mailing: Mailing) {
    this.revision = mailing.revision;
    this.savedAt = mailing.changed_at;
    this.kept = sendable(editable(mailing.document));
    this.latest = this.kept;
    this.mark = 'saved';
    this.failure = null;
  }

  /** It was edited. */
  changed(document: MailingDocument) {
    this.latest = this.whole(document);
    if (!this.isDirty) return;
    if (this.mark !== 'failed') this.mark = 'changed';
    clearTimeout(this.retry);
    this.autosave.soon();
  }

  /** Now. True when the server has everything. */
  async save(): Promise<boolean> {
    clearTimeout(this.retry);
    if (!this.isDirty) return true;
    this.autosave.soon();
    this.running = this.autosave.now().finally(() => (this.running = null));
    await this.running;
    return !this.isDirty;
  }

  /** What was not saved is given up. */
  forget() {
    this.stop();
    this.latest = this.kept;
  }

  stop() {
    clearTimeout(this.retry);
    this.autosave.stop();
  }

  /** A title that is being written anew is not taken away from the others. */
  private whole(document: MailingDocument): MailingDocument {
    const sent = sendable(document);
    return sent.title.trim() ? sent : { ...sent, title: this.kept?.title ?? sent.title };
  }

  private async write(tries = 1): Promise<void> {
    const document = this.latest;
    if (!document || !this.isDirty) return;
    this.mark = 'saving';
    try {
      const mailing = await this.store.write(document, this.revision);
      this.revision = mailing.revision;
      this.savedAt = mailing.changed_at;
      this.kept = document;
      this.failure = null;
      this.mark = this.isDirty ? 'changed' : 'saved';
      this.listener.saved(mailing);
    } catch (error) {
      if (isChanged(error) && tries < MOST_TRIES) await this.join(tries);
      else if (isStarted(error)) this.listener.started(await this.store.read());
      else this.fail(error);
    }
  }

  /** Loads what somebody else has saved, adds what was edited here, and tries again. */
  private async join(tries: number) {
    try {
      const theirs = await this.store.read();
      const mine = this.latest as MailingDocument;
      const { value, clashes } = merge(this.kept ?? mine, mine, sendable(editable(theirs.document)));
      this.revision = theirs.revision;
      this.kept = sendable(editable(theirs.document));
      this.latest = value;
      this.listener.joined(value, clashes);
      this.mark = this.isDirty ? 'changed' : 'saved';
    } catch (error) {
      this.fail(error);
      return;
    }
    await this.write(tries + 1);
  }

  private fail(error: unknown) {
    this.failure = error;
    this.mark = 'failed';
    if (isPassing(error)) this.retry = setTimeout(() => this.autosave.soon(), RETRY_MS);
  }
}
