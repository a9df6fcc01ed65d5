import type { Field, MenuButton, UploadedSitePicture } from '@otklik/api';
import { toast } from 'svelte-sonner';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { m } from '$lib/paraglide/messages';
import { labelText } from '$lib/shared/words';
import { ScenariosState } from '$lib/scenarios/list/scenarios.svelte';
import { session } from '$lib/session/session.svelte';
import { titled } from '$lib/shared/fieldTitles';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { moved } from '$lib/shared/reorder.svelte';
import { Resource } from '$lib/shared/resource.svelte';
import { offerUndo } from '$lib/shared/undo';
import type { Edits } from '$lib/shared/unsaved.svelte';
import { bodyOf, draftOf, isRemoved, type MenuDraft } from './draft';

/** The menu buttons of a project in their order, as they are edited, and the one whose form is open. */
export class MenuButtonsState {
  readonly list = new Resource(() => api.all<MenuButton>(this.path()));
  readonly fields = new Resource(async () =>
    (await api.all<Field>(`/projects/${this.projectId}/fields`)).map(titled),
  );
  readonly scenarios: ScenariosState;

  /** The open form; its button is null while a new one is made. */
  form = $state.raw<{ button: MenuButton | null } | null>(null);
  /** What the open form has that is not kept; given by it. */
  edits: Edits<MenuDraft> | null = null;

  constructor(
    readonly projectId: string,
    private readonly brandNow: () => string,
  ) {
    this.scenarios = new ScenariosState(projectId);
  }

  readonly chosen = $derived(this.form?.button?.id ?? null);
  /** Those that will be there: a removed one is only shown until that is published. */
  readonly standing = $derived((this.list.data ?? []).filter((button) => !isRemoved(button)));

  get brand(): string {
    return this.brandNow();
  }
  get timeZone(): string {
    return session.project(this.projectId)?.time_zone ?? 'UTC';
  }

  readonly scenarioName = (id: string) => this.scenarios.list.data?.find((one) => one.id === id)?.name ?? '…';

  async begin() {
    await Promise.all([this.list.load(), this.fields.load(), this.scenarios.list.load()]);
  }

  /** Follows what others do to them; returns how to stop. */
  follow(): () => void {
    const refresher = new Refresher(() => this.lookAgain());
    const forget = live.follow('menuButtons', (event) => {
      if (event.project_id === this.projectId) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
    };
  }

  /** Another form takes the place of the open one, unless that is to stay. */
  async open(button: MenuButton | null) {
    if (button && button.id === this.chosen) return;
    if (await this.mayLeave()) this.form = { button };
  }

  async close() {
    if (await this.mayLeave()) this.form = null;
  }

  /** True when nothing that is written in the open form would be lost. */
  async mayLeave(): Promise<boolean> {
    return (await this.edits?.leave()) ?? true;
  }

  /** Opens the form of a button in the place of one that has nothing left to keep. */
  show(button: MenuButton) {
    this.form = { button };
    void this.list.load();
  }

  create(draft: MenuDraft): Promise<MenuButton> {
    return api.post<MenuButton>(this.path(), bodyOf(draft));
  }

  async save(id: string, draft: MenuDraft) {
    await api.patch(this.path(id), bodyOf(draft));
    await this.list.load();
  }

  async copy(button: MenuButton) {
    if (!(await this.mayLeave())) return;
    const now = this.list.data?.find(({ id }) => id === button.id) ?? button;
    await this.attempt(async () => {
      const body = { ...bodyOf(draftOf(now, this.brand)), enabled: now.enabled };
      const made = await api.post<MenuButton>(this.path(), body);
      this.form = { button: made };
    });
  }

  enable(button: MenuButton, enabled: boolean) {
    return this.attempt(() => api.patch(this.path(button.id), { enabled }));
  }

  /** A new one is gone at once, any other when that is published. */
  async remove(button: MenuButton) {
    const place = (this.list.data ?? []).findIndex(({ id }) => id === button.id);
    const isNew = button.change === 'new';
    await this.attempt(async () => {
      await api.delete(this.path(button.id));
      if (this.chosen === button.id) this.form = null;
      const undo = () => (isNew ? this.makeAgain(button, place) : this.restore(button));
      offerUndo(m.menu_deleted({ label: labelText(button.label) }), undo);
    });
  }

  /** One that is on the site still stays there. */
  restore(button: MenuButton) {
    return this.attempt(() => api.patch(this.path(button.id), { removed: false }));
  }

  move(from: number, to: number) {
    const list = moved(this.list.data ?? [], from, to);
    this.list.data = list;
    return this.attempt(() => this.order(list.map(({ id }) => id)));
  }

  upload(file: File): Promise<UploadedSitePicture> {
    return api.upload<UploadedSitePicture>(this.path('images'), file, () => {});
  }

  /** Edits that were thrown away are made again, as they were. */
  async bringBack(before: MenuButton[]) {
    const ids = new Map<string, string>();
    for (const button of before) {
      const body = { ...bodyOf(draftOf(button, this.brand)), enabled: button.enabled };
      if (button.change === 'new') ids.set(button.id, (await api.post<MenuButton>(this.path(), body)).id);
      if (button.change === 'changed') await api.patch(this.path(button.id), body);
      if (button.change === 'removed') await api.delete(this.path(button.id));
    }
    await this.order(before.map(({ id }) => ids.get(id) ?? id));
    await this.list.load();
  }

  private async makeAgain(button: MenuButton, place: number) {
    const body = { ...bodyOf(draftOf(button, this.brand)), enabled: button.enabled };
    const made = await api.post<MenuButton>(this.path(), body);
    const ids = (this.list.data ?? []).map(({ id }) => id).filter((id) => id !== made.id);
    ids.splice(place, 0, made.id);
    await this.order(ids);
    await this.list.load();
  }

  /** An open form keeps what is written, unless its button is gone. */
  private async lookAgain() {
    await this.begin();
    const edited = this.chosen;
    if (!edited || !this.list.data || this.list.data.some(({ id }) => id === edited)) return;
    this.form = null;
    toast(m.menu_gone(), { duration: 4_000 });
  }

  private order(ids: string[]): Promise<unknown> {
    return api.put(this.path('order'), { ids });
  }

  private async attempt(action: () => Promise<unknown>) {
    await attempt(action);
    await this.list.load();
  }

  private path(rest = ''): string {
    return `/projects/${this.projectId}/menu-buttons${rest && `/${rest}`}`;
  }
}
