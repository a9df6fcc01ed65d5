import type { ArchivedField, Field, FieldUsage, Rule } from '@otklik/api';
import { ApiError } from '@otklik/api';
import { toast } from 'svelte-sonner';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { m } from '$lib/paraglide/messages';
import { directory } from '$lib/projects/directory.svelte';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { problemText } from '$lib/shared/problem';
import { offerUndo } from '$lib/shared/undo';
import { moved } from '$lib/shared/reorder.svelte';
import { Resource } from '$lib/shared/resource.svelte';

/** Stands for the field that has no key yet. */
export const NEW_KEY = ' new';

/** The fields of clients in their order, the one that is being edited, and those that were deleted. */
export class FieldsState {
  readonly list = new Resource(() => api.all<Field>(this.path('fields')));
  readonly rules = new Resource(() => api.all<Rule>(this.path('multi-contact-rules')));
  readonly archived = new Resource(() => api.all<ArchivedField>(this.path('archived-fields')));

  /** The open form; its field is null while a new one is made. */
  form = $state.raw<{ field: Field | null } | null>(null);
  /** What the open form says now. */
  draft = $state.raw<Partial<Field>>({});
  /** Where the field of the open form is used. */
  usage = $state.raw<FieldUsage | null>(null);
  private orderBefore = $state.raw<Field[] | null>(null);

  constructor(private readonly projectId: string) {}

  /** Fields as they would be after saving the open form. */
  readonly shown = $derived.by(() => {
    const list = this.list.data ?? [];
    const edited = this.form?.field;
    if (!this.form) return list;
    if (edited) return list.map((field) => (field.key === edited.key ? { ...field, ...this.draft } : field));
    return this.draft.title ? [...list, { key: NEW_KEY, ...this.draft } as Field] : list;
  });
  readonly chosen = $derived(this.form?.field?.key ?? null);
  readonly canUndoOrder = $derived(this.orderBefore !== null);

  readonly titleOf = (key: string) => this.list.data?.find((field) => field.key === key)?.title ?? key;
  readonly ruleNumber = (id: string) =>
    [...(this.rules.data ?? [])].sort((a, b) => a.position - b.position).findIndex((rule) => rule.id === id) +
    1;
  readonly usageOf = (key: string) =>
    api.get<FieldUsage>(this.path(`fields/${encodeURIComponent(key)}/usage`));

  /** Loads everything; `wanted` is the field that a link leads to. */
  async begin(wanted: string | null) {
    await this.loadAll();
    const field = this.list.data?.find(({ key }) => key === wanted);
    if (field) this.open(field);
  }

  /** Follows what others do to the fields; returns how to stop. */
  follow(): () => void {
    const refresher = new Refresher(() => this.lookAgain());
    const forget = live.follow('fields', (event) => {
      if (event.project_id !== this.projectId) return;
      if (['fields', 'multi-contact-rules'].includes(event.data.resource)) refresher.soon();
    });
    return () => {
      forget();
      refresher.stop();
    };
  }

  open(field: Field | null) {
    this.form = { field };
    this.draft = {};
    this.usage = null;
    if (field) void this.loadUsage(field.key);
  }

  close() {
    this.form = null;
  }

  async save(values: Partial<Field>) {
    const target = this.form?.field;
    if (target) await api.patch(this.path(`fields/${target.key}`), values);
    else await createField(this.projectId, values);
    this.close();
    await this.refresh();
    toast.success(m.saved(), { duration: 2_000 });
  }

  change(field: Field, values: Partial<Field>) {
    return this.attempt(() => api.patch(this.path(`fields/${field.key}`), values));
  }

  move(from: number, to: number) {
    const before = this.list.data ?? [];
    void this.order(moved(before, from, to), before);
  }

  undoOrder() {
    const [before, now] = [this.orderBefore, this.list.data];
    // Fields may have come or gone since: the order is put back, not the list.
    if (!before || !now) return;
    const place = (field: Field) => before.findIndex(({ key }) => key === field.key);
    void this.order(
      [...now].sort((a, b) => place(a) - place(b)),
      null,
    );
  }

  async remove(field: Field) {
    if (this.chosen === field.key) this.close();
    await this.attempt(async () => {
      await api.delete(this.path(`fields/${field.key}`));
      offerUndo(m.field_deleted({ title: field.title }), () => this.restore(field));
    });
  }

  restore(field: Field) {
    return this.attempt(async () => {
      await api.post(this.path(`archived-fields/${encodeURIComponent(field.key)}/restore`));
      toast.success(m.archive_restored({ title: field.title }), { duration: 3_000 });
    }, restoreProblem);
  }

  /** An open form keeps what is typed, unless its field is gone. */
  private async lookAgain() {
    await this.loadAll();
    const edited = this.chosen;
    if (!edited || !this.list.data || this.list.data.some((field) => field.key === edited)) return;
    this.close();
    toast(m.field_gone(), { duration: 4_000 });
  }

  private async loadUsage(key: string) {
    // Without it the page still edits; the dialog of deleting asks again and says what failed.
    const found = await this.usageOf(key).catch(() => null);
    if (this.chosen === key) this.usage = found;
  }

  private async order(next: Field[], undoTo: Field[] | null) {
    this.list.data = next;
    this.orderBefore = undoTo;
    await this.attempt(() => api.put(this.path('fields/order'), { keys: next.map(({ key }) => key) }));
  }

  private async attempt(action: () => Promise<unknown>, say?: (error: unknown) => string) {
    await attempt(action, say);
    await this.refresh();
  }

  private async refresh() {
    await Promise.all([this.list.load(), this.archived.load()]);
    await directory.refresh();
  }

  private async loadAll() {
    await Promise.all([this.list.load(), this.rules.load(), this.archived.load()]);
  }

  private path(rest: string): string {
    return `/projects/${this.projectId}/${rest}`;
  }
}

/** For whoever needs one on the way, as a rule does. */
export function createField(projectId: string, values: Partial<Field>): Promise<Field> {
  return api.post<Field>(`/projects/${projectId}/fields`, values);
}

const restoreProblem = (error: unknown) =>
  error instanceof ApiError && error.code === 'taken' ? m.archive_taken() : problemText(error);
