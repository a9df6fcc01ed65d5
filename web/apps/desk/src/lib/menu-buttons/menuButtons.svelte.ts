import type { Field, MenuButton, UploadedMenuButtonImage } from '@otklik/api';
import { toast } from 'svelte-sonner';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { m } from '$lib/paraglide/messages';
import { ScenariosState } from '$lib/scenarios/list/scenarios.svelte';
import { session } from '$lib/session/session.svelte';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { moved } from '$lib/shared/reorder.svelte';
import { Resource } from '$lib/shared/resource.svelte';
import { offerUndo } from '$lib/shared/undo';
import { bodyOf, draftOf, type MenuDraft } from './draft';
import type { Shown } from './shownNow';

/** Stands for the button that has no id yet. */
const NEW_ID = ' new';
const OWN_BRAND = '#5b5bd6';

/** A button as it would be drawn. */
export type Drawn = Shown & { draft: MenuDraft };

/** The menu buttons of a project in their order, and the one that is being edited. */
export class MenuButtonsState {
  readonly list = new Resource(() => api.all<MenuButton>(this.path()));
  readonly fields = new Resource(() => api.all<Field>(`/projects/${this.projectId}/fields`));
  readonly scenarios: ScenariosState;

  /** The open form; its button is null while a new one is made. */
  form = $state.raw<{ button: MenuButton | null } | null>(null);
  /** What the open form says now. */
  draft = $state.raw<MenuDraft | null>(null);
  private orderBefore = $state.raw<MenuButton[] | null>(null);

  constructor(private readonly projectId: string) {
    this.scenarios = new ScenariosState(projectId);
  }

  readonly chosen = $derived(this.form?.button?.id ?? null);
  readonly canUndoOrder = $derived(this.orderBefore !== null);

  get brand(): string {
    return session.project(this.projectId)?.appearance.brand ?? OWN_BRAND;
  }
  get timeZone(): string {
    return session.project(this.projectId)?.time_zone ?? 'UTC';
  }

  /** Buttons as they would be after saving the open form. */
  readonly drawn = $derived.by((): Drawn[] => {
    const saved = (this.list.data ?? []).map((button) => ({ ...button, draft: draftOf(button, this.brand) }));
    const { form, draft } = this;
    if (!form || !draft) return saved;
    if (!form.button) return draft.ru.trim() ? [...saved, this.edited(null, draft)] : saved;
    return saved.map((button) => (button.id === form.button?.id ? this.edited(button, draft) : button));
  });

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

  open(button: MenuButton | null) {
    this.form = { button };
    this.draft = null;
  }

  close() {
    this.form = null;
    this.draft = null;
  }

  async save(draft: MenuDraft) {
    const target = this.form?.button;
    const body = bodyOf(draft);
    if (target) await api.patch(this.path(target.id), body);
    else await api.post(this.path(), body);
    this.close();
    await this.list.load();
    toast.success(m.saved(), { duration: 2_000 });
  }

  enable(button: MenuButton, enabled: boolean) {
    return this.attempt(() => api.patch(this.path(button.id), { enabled }));
  }

  move(from: number, to: number) {
    const before = this.list.data ?? [];
    void this.order(moved(before, from, to), before);
  }

  undoOrder() {
    const [before, now] = [this.orderBefore, this.list.data];
    if (!before || !now) return;
    const place = (button: MenuButton) => before.findIndex(({ id }) => id === button.id);
    void this.order(
      [...now].sort((a, b) => place(a) - place(b)),
      null,
    );
  }

  async remove(button: MenuButton) {
    if (this.chosen === button.id) this.close();
    const place = (this.list.data ?? []).findIndex(({ id }) => id === button.id);
    await this.attempt(async () => {
      await api.delete(this.path(button.id));
      offerUndo(m.menu_deleted({ label: button.label.ru }), () => this.restore(button, place));
    });
  }

  upload(file: File): Promise<UploadedMenuButtonImage> {
    return api.upload<UploadedMenuButtonImage>(this.path('images'), file, () => {});
  }

  /** As it was, in its former place. */
  private async restore(button: MenuButton, place: number) {
    const body = { ...bodyOf(draftOf(button, this.brand)), enabled: button.enabled };
    const made = await api.post<MenuButton>(this.path(), body);
    const ids = (this.list.data ?? []).map(({ id }) => id).filter((id) => id !== made.id);
    ids.splice(place, 0, made.id);
    await api.put(this.path('order'), { ids });
    await this.list.load();
  }

  private edited(button: MenuButton | null, draft: MenuDraft): Drawn {
    const body = bodyOf(draft);
    const before = button ? bodyOf(draftOf(button, this.brand)) : null;
    const isSameTarget = JSON.stringify(before?.target) === JSON.stringify(body.target);
    return {
      id: button?.id ?? NEW_ID,
      enabled: button?.enabled ?? true,
      label: { ru: draft.ru, en: draft.en || null },
      colour: draft.isBrand ? null : draft.colour,
      hours: body.hours ?? null,
      devices: body.devices ?? [],
      problem: isSameTarget ? (button?.problem ?? null) : this.problemOf(draft),
      isUnfinished: draft.kind === 'scenario' && !draft.scenario,
      draft,
    };
  }

  /** What the page knows before the server says it. */
  private problemOf({ kind, scenario }: MenuDraft): MenuButton['problem'] {
    const chosen = this.scenarios.list.data?.find(({ id }) => id === scenario);
    return kind === 'scenario' && chosen?.version === null ? 'scenario_unpublished' : null;
  }

  /** An open form keeps what is written, unless its button is gone. */
  private async lookAgain() {
    await this.begin();
    const edited = this.chosen;
    if (!edited || !this.list.data || this.list.data.some(({ id }) => id === edited)) return;
    this.close();
    toast(m.menu_gone(), { duration: 4_000 });
  }

  private async order(next: MenuButton[], undoTo: MenuButton[] | null) {
    this.list.data = next;
    this.orderBefore = undoTo;
    await this.attempt(() => api.put(this.path('order'), { ids: next.map(({ id }) => id) }));
  }

  private async attempt(action: () => Promise<unknown>) {
    await attempt(action);
    await this.list.load();
  }

  private path(rest = ''): string {
    return `/projects/${this.projectId}/menu-buttons${rest && `/${rest}`}`;
  }
}
