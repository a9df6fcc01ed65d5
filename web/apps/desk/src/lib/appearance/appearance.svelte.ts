import type { Appearance, AppearanceDraft, UploadedSitePicture } from '@otklik/api';
import { FormState } from '@otklik/ui';
import { toast } from 'svelte-sonner';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { m } from '$lib/paraglide/messages';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { Autosave } from '$lib/shared/autosave';
import { isPassing, isTaken } from '$lib/shared/refusals';
import { merge, putAt, same, valueAt } from '$lib/shared/merge';
import { offerUndo } from '$lib/shared/undo';
import type { UnsavedForm } from '$lib/shared/unsaved.svelte';

const RETRY_MS = 10_000;

/** What two people have made different things of. */
interface Clash {
  theirs: Appearance;
  paths: string[];
}

/** The appearance of a project: what its site has, and the draft that is edited here and saved by itself. */
export class AppearanceState implements UnsavedForm {
  /** What the server told last. */
  told = $state.raw<AppearanceDraft | null>(null);
  error = $state.raw<unknown>(null);
  /** Edited in place. */
  draft = $state<Appearance | null>(null);
  clash = $state.raw<Clash | null>(null);
  busy = $state<'publish' | 'revert' | null>(null);
  /** Where the errors of the draft are shown. */
  readonly form = new FormState();
  /** What of the draft the server has. */
  private kept: Appearance | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly autosave = new Autosave(() => this.put());

  constructor(private readonly projectId: string) {}

  get dirty(): boolean {
    return this.draft !== null && !same($state.snapshot(this.draft), this.kept);
  }
  /** Asked before somebody leaves: what waits is saved first. */
  get saving(): Promise<void> {
    return this.autosave.now();
  }
  readonly hasChanges = $derived((this.told?.changes.length ?? 0) > 0);

  readonly load = async () => {
    this.error = null;
    try {
      this.adopt(await api.get<AppearanceDraft>(this.path()));
    } catch (error) {
      this.error = error;
    }
  };

  /** Follows what others do; returns how to stop. */
  follow(): () => void {
    const refresher = new Refresher(() => this.lookAgain());
    const forget = live.follow('appearance', (event) => {
      if (event.project_id === this.projectId) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
      clearTimeout(this.retry);
      void this.autosave.now();
    };
  }

  /** Something was typed or chosen. */
  edited() {
    if (this.dirty && !this.clash) this.autosave.soon();
  }

  readonly save = async (): Promise<boolean> => {
    if (this.dirty && !this.clash) this.autosave.soon();
    await this.autosave.now();
    return !this.dirty;
  };

  readonly discard = () => {
    this.autosave.stop();
    this.clash = null;
    this.form.clear();
    this.draft = structuredClone(this.kept);
  };

  keepMine() {
    this.clash = null;
    this.autosave.soon();
  }

  /** Theirs where both have edited; what was typed here can be had back. */
  takeTheirs() {
    const { clash, draft } = this;
    if (!clash || !draft) return;
    const mine = $state.snapshot(draft) as Appearance;
    this.clash = null;
    this.putPaths(clash.paths, clash.theirs);
    offerUndo(m.look_took_theirs(), async () => {
      this.putPaths(clash.paths, mine);
      await this.save();
    });
  }

  /** The site takes it all. True when it has. */
  async publish(): Promise<boolean> {
    this.busy = 'publish';
    const isDone = await attempt(async () => {
      try {
        const version = this.told?.version;
        const told = await api.post<AppearanceDraft>(this.path('publish'), { version });
        this.adopt(told);
        this.tellSession(told.published);
      } catch (error) {
        if (isTaken(error)) await this.lookAgain();
        throw error;
      }
    });
    this.busy = null;
    if (isDone) toast.success(m.look_published(), { duration: 4_000 });
    return isDone;
  }

  /** Throws every unpublished edit away, menu buttons among them. Answers what brings back those of the appearance. */
  async revert(): Promise<(() => Promise<void>) | null> {
    const before = $state.snapshot(this.draft) as Appearance;
    this.busy = 'revert';
    this.autosave.stop();
    this.clash = null;
    const isDone = await attempt(() => api.delete(this.path('draft')));
    await this.load();
    this.busy = null;
    if (!isDone) return null;
    return async () => {
      this.draft = before;
      await this.save();
    };
  }

  upload(file: File): Promise<UploadedSitePicture> {
    return api.upload<UploadedSitePicture>(this.path('photos'), file, () => {});
  }

  private async put() {
    const sent = $state.snapshot(this.draft) as Appearance;
    if (this.clash) return;
    if (same(sent, this.kept)) return this.form.clear();
    clearTimeout(this.retry);
    await this.form.submit(async () => {
      try {
        const body = { draft: sent, version: this.told?.version };
        this.told = await api.put<AppearanceDraft>(this.path('draft'), body);
        this.kept = sent;
      } catch (error) {
        if (isPassing(error)) this.retry = setTimeout(() => this.edited(), RETRY_MS);
        if (!isTaken(error)) throw error;
        await this.meet(sent);
      }
    });
  }

  /** Somebody else has saved meanwhile: what does not clash is put together, what does is asked about. */
  private async meet(mine: Appearance) {
    const told = await api.get<AppearanceDraft>(this.path());
    const theirs = told.draft;
    const { value, clashes } = merge(this.kept ?? theirs, mine, theirs);
    this.told = told;
    this.kept = theirs;
    // What was typed while this was asked stands above what is put together.
    const typed = merge(mine, $state.snapshot(this.draft) as Appearance, value);
    this.draft = typed.value;
    if (clashes.length > 0) return void (this.clash = { theirs, paths: clashes });
    toast(m.look_merged(), { duration: 4_000 });
    if (this.dirty) this.autosave.soon();
  }

  /** What is typed stays; the next saving meets what others have done. */
  private async lookAgain() {
    const told = await api.get<AppearanceDraft>(this.path()).catch(() => null);
    if (!told || !this.told) return;
    if (this.dirty) this.told = { ...this.told, changes: told.changes };
    else if (told.version >= this.told.version) this.adopt(told);
  }

  private adopt(told: AppearanceDraft) {
    const isSame = same(told.draft, this.kept) && !this.dirty;
    this.told = told;
    this.kept = told.draft;
    // A field that has the focus stays as it is when nothing has changed.
    if (!isSame) this.draft = structuredClone(told.draft);
  }

  private putPaths(paths: string[], from: Appearance) {
    const draft = this.draft;
    if (!draft) return;
    for (const path of paths) putAt(draft, path, structuredClone(valueAt(from, path)));
    this.autosave.soon();
  }

  /** Other pages draw with the brand, too. */
  private tellSession(appearance: Appearance) {
    const project = session.project(this.projectId);
    if (project) session.replaceProject({ ...project, appearance });
  }

  private path(rest = ''): string {
    return `/projects/${this.projectId}/appearance${rest && `/${rest}`}`;
  }
}
