import { ApiError } from '@otklik/api';
import type { GroupingEffect, Job, MultiContactSettings, Rule, RuleDraft, RulesPreview } from '@otklik/api';
import { moved } from '$lib/shared/reorder.svelte';
import { JobWatch, underWay } from '$lib/jobs/job.svelte';
import { live } from '$lib/live/live.svelte';
import { readPreview } from './preview';
import { api } from '$lib/shared/api';

/** A rule on the screen: what is saved (if it is) and what the administrator makes of it. */
export interface EditedRule {
  /** Stable key of the row: the id, or a made-up one until the rule is saved. */
  row: string;
  saved: Rule | null;
  fields: string[];
  mode: 'at_once' | 'suggest';
  enabled: boolean;
  verified_only: boolean;
  hub_limit: number | null;
}

const OUTDATED = 'outdated_preview';
/** Kinds of jobs that change what is edited here. */
const JOBS = ['apply_rules', 'undo_rules'];
const PREVIEW_PAUSE_MS = 350;
/** Rulings 25: a limit of one would join nobody. */
const LEAST_LIMIT = 2;

export const isTooLow = (limit: number | null | undefined): boolean =>
  typeof limit === 'number' && !(limit >= LEAST_LIMIT);

/** Rules and guards are edited as one set: nothing works until "Save and apply", and the preview speaks about the whole set. */
export class RulesEditor {
  rules = $state.raw<EditedRule[]>([]);
  opened = $state<string | null>(null);
  settings = $state.raw<MultiContactSettings | null>(null);
  preview = $state.raw<RulesPreview | null>(null);
  /** How long the server took over the preview: a person learns what applying will cost. */
  previewMs = $state(0);
  previewError = $state.raw<unknown>(null);
  previewing = $state(false);
  loadError = $state.raw<unknown>(null);
  loaded = $state(false);
  saving = $state(false);
  /** Somebody else changed what is being edited here. */
  outdated = $state(false);

  readonly watch: JobWatch<GroupingEffect>;
  private saved: Rule[] = [];
  private savedSettings: MultiContactSettings | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private generation = 0;
  /** Marks what stood when the list was loaded: the server refuses a change made looking at anything else. */
  private basis: string | null = null;

  constructor(private readonly projectId: string) {
    this.watch = new JobWatch(projectId);
  }

  readonly dirty = $derived.by(() => {
    if (!this.loaded) return false;
    const isReordered = this.rules.some((rule, index) => rule.saved?.id !== this.saved[index]?.id);
    return (
      isReordered ||
      Object.keys(this.settingsChange()).length > 0 ||
      this.rules.length !== this.saved.length ||
      this.rules.some((rule) => this.isChanged(rule))
    );
  });
  readonly hasEmptyRule = $derived(this.rules.some((rule) => rule.fields.length === 0));
  readonly hasBadLimit = $derived(
    [this.settings?.hub_limit, this.settings?.max_group, ...this.rules.map((rule) => rule.hub_limit)].some(
      isTooLow,
    ),
  );
  readonly valid = $derived(!this.hasEmptyRule && !this.hasBadLimit);

  isChanged(rule: EditedRule): boolean {
    const saved = rule.saved;
    if (!saved) return true;
    return (
      saved.fields.join() !== rule.fields.join() ||
      saved.mode !== rule.mode ||
      saved.enabled !== rule.enabled ||
      saved.verified_only !== rule.verified_only ||
      (saved.hub_limit ?? null) !== rule.hub_limit
    );
  }

  async load() {
    this.loadError = null;
    try {
      this.take(await this.fetch());
    } catch (error) {
      this.loadError = error;
    }
  }

  private fetch() {
    return Promise.all([this.standing(), api.get<MultiContactSettings>(this.settingsPath())]);
  }

  private take([page, settings]: Awaited<ReturnType<RulesEditor['fetch']>>) {
    this.basis = page.basis;
    this.outdated = false;
    this.savedSettings = settings;
    this.saved = page.items.sort((a, b) => a.position - b.position);
    this.reset();
    this.loaded = true;
  }

  reset() {
    clearTimeout(this.timer);
    this.generation += 1;
    this.rules = this.saved.map((saved) => ({
      row: saved.id,
      saved,
      fields: [...saved.fields],
      mode: saved.mode,
      enabled: saved.enabled,
      verified_only: saved.verified_only,
      hub_limit: saved.hub_limit ?? null,
    }));
    this.settings = this.savedSettings;
    this.opened = null;
    this.preview = null;
    this.previewError = null;
    this.previewing = false;
  }

  add() {
    const row = crypto.randomUUID();
    const rule: EditedRule = {
      row,
      saved: null,
      fields: [],
      mode: 'at_once',
      enabled: true,
      verified_only: false,
      hub_limit: null,
    };
    this.rules = [...this.rules, rule];
    this.opened = row;
  }

  change(row: string, values: Partial<EditedRule>) {
    this.rules = this.rules.map((rule) => (rule.row === row ? { ...rule, ...values } : rule));
    this.previewSoon();
  }

  changeSettings(values: Partial<MultiContactSettings>) {
    if (!this.settings) return;
    this.settings = { ...this.settings, ...values };
    this.previewSoon();
  }

  /** A decision about a value changes what the same rules would do. */
  previewAgain() {
    this.previewSoon();
  }

  remove(row: string) {
    this.rules = this.rules.filter((rule) => rule.row !== row);
    this.previewSoon();
  }

  /** Puts a removed rule back where it stood. One whose removal was applied meanwhile comes back as a new one. */
  putBack(rule: EditedRule, place: number) {
    if (this.rules.some(({ row }) => row === rule.row)) return;
    const isKnown = this.saved.some(({ id }) => id === rule.saved?.id);
    this.rules = this.rules.toSpliced(place, 0, isKnown ? rule : { ...rule, saved: null });
    this.previewSoon();
  }

  move(from: number, to: number) {
    this.rules = moved(this.rules, from, to);
    this.previewSoon();
  }

  /** Replaces the whole list at once; resolves when the job has ended, whichever way. */
  async save(): Promise<Job<GroupingEffect>> {
    this.saving = true;
    try {
      const rules = this.rules.map((rule, index) => ({
        ...(rule.saved ? { id: rule.saved.id, key: rule.saved.key } : {}),
        ...this.bodyOf(rule, index),
      }));
      const body = { rules, settings: this.settingsChange(), basis: this.basis };
      return await this.follow(await api.post<Job<GroupingEffect>>(`${this.path()}/apply`, body));
    } catch (error) {
      if (error instanceof ApiError && error.code === OUTDATED) this.outdated = true;
      throw error;
    } finally {
      this.saving = false;
    }
  }

  /** Watches a job that changes the rules to its end. */
  async follow(started: Job<GroupingEffect>): Promise<Job<GroupingEffect>> {
    this.saving = true;
    try {
      const job = await this.watch.follow(started);
      // A refused or stopped set stays on the screen, to be mended.
      if (job.state === 'done') await this.load();
      if (job.error_code === OUTDATED) this.outdated = true;
      return job;
    } finally {
      this.saving = false;
    }
  }

  /** Watches a job that was begun before the page was opened, if there is one. What is edited meanwhile stays. */
  async pickUp(): Promise<Job<GroupingEffect> | null> {
    const found = await underWay<GroupingEffect>(this.projectId, JOBS).catch(() => null);
    if (!found || this.saving) return null;
    this.saving = true;
    const job = await this.watch.follow(found);
    this.saving = false;
    if (job.state === 'done') await this.lookAgain();
    return job;
  }

  /** Follows what others do to the rules; returns how to stop. */
  listen(): () => void {
    return live.follow('rules', (event) => {
      const isOurs = event.project_id === this.projectId;
      if (isOurs && event.data.resource === 'multi-contact-rules') void this.lookAgain();
    });
  }

  private async lookAgain() {
    if (this.saving || !this.loaded) return;
    const found = await this.fetch().catch(() => null);
    if (!found || this.saving) return;
    // Somebody may have begun to edit while it was fetched: that is not swept away.
    if (!this.dirty) this.take(found);
    // A decision about a value is told in the same way, but leaves the rules as they are.
    else if (found[0].basis !== this.basis) this.outdated = true;
  }

  /** Every rule: those that a change does not name are deleted. */
  private async standing(): Promise<{ items: Rule[]; basis: string }> {
    const { basis } = await api.get<{ basis: string }>(this.path(), { limit: 1 });
    return { items: await api.all<Rule>(this.path()), basis };
  }

  private settingsChange(): Partial<MultiContactSettings> {
    const [now, was] = [this.settings, this.savedSettings];
    if (!now || !was) return {};
    const keys = Object.keys(was) as (keyof MultiContactSettings)[];
    const changed = keys.filter((key) => JSON.stringify(now[key]) !== JSON.stringify(was[key]));
    return Object.fromEntries(changed.map((key) => [key, now[key]]));
  }

  private bodyOf(rule: EditedRule, index: number): RuleDraft {
    const { fields, mode, enabled, verified_only, hub_limit } = rule;
    return { fields, mode, enabled, verified_only, hub_limit, position: index + 1 };
  }

  private previewSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.runPreview(), PREVIEW_PAUSE_MS);
  }

  private async runPreview() {
    if (!this.dirty || !this.valid) {
      this.preview = null;
      return;
    }
    const generation = ++this.generation;
    this.previewing = true;
    const begun = performance.now();
    const rules = this.rules.map((rule, index) => ({
      ...(rule.saved ? { key: rule.saved.key } : {}),
      ...this.bodyOf(rule, index),
    }));
    try {
      const body = { rules, settings: this.settingsChange(), basis: this.basis };
      const preview = readPreview(await api.post<RulesPreview>(`${this.path()}/preview`, body));
      if (generation !== this.generation) return;
      this.previewMs = performance.now() - begun;
      this.preview = preview;
      this.previewError = null;
    } catch (error) {
      if (generation === this.generation) this.previewError = error;
    } finally {
      if (generation === this.generation) this.previewing = false;
    }
  }

  private path(): string {
    return `/projects/${this.projectId}/multi-contact-rules`;
  }

  private settingsPath(): string {
    return `/projects/${this.projectId}/multi-contact-settings`;
  }
}
