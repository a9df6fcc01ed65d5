import type { FlowDocument } from '@otklik/flow';
import { isPassing, isTaken } from '$lib/shared/refusals';
import type { Draft } from './contract';

const PAUSE_MS = 2_000;
const RETRY_MS = 10_000;

export interface Store {
  read: () => Promise<Draft>;
  write: (document: FlowDocument, revision: number) => Promise<Draft>;
}

/**
 * Keeps a draft on the server, two seconds after the last edit. When somebody else has saved meanwhile, nothing is written
 * any more, by hand or by itself, until a person has decided.
 */
export class Saving {
  state = $state<'saved' | 'changed' | 'saving' | 'failed' | 'taken'>('saved');
  savedAt = $state('');
  failure = $state.raw<unknown>(null);
  /** What somebody else has saved. */
  other = $state.raw<Draft | null>(null);

  private revision = 0;
  /** What the server has. */
  private kept: FlowDocument | null = null;
  private latest: FlowDocument | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<boolean> | null = null;

  constructor(
    private readonly store: Store,
    private readonly onsaved: (draft: Draft) => void = () => {},
  ) {}

  get currentRevision(): number {
    return this.revision;
  }
  get isDirty(): boolean {
    return this.latest !== this.kept;
  }
  /** Writing that is under way. */
  get work(): Promise<boolean> | null {
    return this.running;
  }

  /** The server has this. */
  start(draft: Draft) {
    clearTimeout(this.timer);
    this.revision = draft.revision;
    this.savedAt = draft.saved_at;
    this.kept = draft.document;
    this.latest = draft.document;
    this.other = null;
    this.failure = null;
    this.state = 'saved';
  }

  changed(document: FlowDocument) {
    this.latest = document;
    if (this.state === 'taken') return;
    clearTimeout(this.timer);
    if (!this.isDirty) {
      if (!this.running) this.state = 'saved';
      return;
    }
    if (this.state !== 'failed') this.state = 'changed';
    this.timer = setTimeout(() => void this.save(), PAUSE_MS);
  }

  /** Now. True when the server has everything. */
  async save(): Promise<boolean> {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    if (this.state === 'taken') return false;
    if (!this.isDirty) return true;
    this.running = this.write();
    try {
      return await this.running;
    } finally {
      this.running = null;
    }
  }

  /** Goes on with this person's document, over what somebody else has saved. */
  async takeOver(): Promise<boolean> {
    if (!this.other) return false;
    this.revision = this.other.revision;
    this.kept = this.other.document;
    this.other = null;
    this.state = 'changed';
    return this.save();
  }

  /** Another way of writing was refused because somebody else has saved: this one stops, too. */
  async heed(error: unknown) {
    if (isTaken(error)) await this.giveWay(error);
  }

  stop() {
    clearTimeout(this.timer);
  }

  /** What was not saved is given up. */
  forget() {
    clearTimeout(this.timer);
    this.latest = this.kept;
  }

  private async write(): Promise<boolean> {
    const document = this.latest as FlowDocument;
    this.state = 'saving';
    try {
      const draft = await this.store.write(document, this.revision);
      this.revision = draft.revision;
      this.savedAt = draft.saved_at;
      this.kept = document;
      this.failure = null;
      this.state = this.isDirty ? 'changed' : 'saved';
      this.onsaved(draft);
      if (this.isDirty) this.changed(this.latest as FlowDocument);
      return true;
    } catch (error) {
      if (isTaken(error)) await this.giveWay(error);
      else this.fail(error);
      return false;
    }
  }

  private fail(error: unknown) {
    this.failure = error;
    this.state = 'failed';
    if (isPassing(error)) this.timer = setTimeout(() => void this.save(), RETRY_MS);
  }

  private async giveWay(error: unknown) {
    clearTimeout(this.timer);
    try {
      this.other = await this.store.read();
      this.state = 'taken';
    } catch {
      this.fail(error);
    }
  }
}
