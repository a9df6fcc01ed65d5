import type { Page, Rule, RuleDraft, RulesPreview } from '@otklik/api';
import { moved } from '$lib/reorder.svelte';
import { readPreview } from './preview';
import { api } from './session.svelte';

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

const PREVIEW_PAUSE_MS = 350;

/** Rules are edited as one set: nothing works until "Save and apply", and the preview speaks about the whole set. */
export class RulesEditor {
  rules = $state.raw<EditedRule[]>([]);
  opened = $state<string | null>(null);
  preview = $state.raw<RulesPreview | null>(null);
  previewError = $state.raw<unknown>(null);
  previewing = $state(false);
  loadError = $state.raw<unknown>(null);
  loaded = $state(false);
  saving = $state(false);

  private saved: Rule[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private generation = 0;

  constructor(private readonly projectId: string) {}

  readonly dirty = $derived.by(() => {
    if (!this.loaded) return false;
    const isReordered = this.rules.some((rule, index) => rule.saved?.id !== this.saved[index]?.id);
    return (
      isReordered ||
      this.rules.length !== this.saved.length ||
      this.rules.some((rule) => this.isChanged(rule))
    );
  });
  readonly valid = $derived(this.rules.every((rule) => rule.fields.length > 0));

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
      const page = await api.get<Page<Rule>>(this.path(), { limit: 200 });
      this.saved = page.items.sort((a, b) => a.position - b.position);
      this.reset();
      this.loaded = true;
    } catch (error) {
      this.loadError = error;
    }
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

  remove(row: string) {
    this.rules = this.rules.filter((rule) => rule.row !== row);
    this.previewSoon();
  }

  move(from: number, to: number) {
    this.rules = moved(this.rules, from, to);
    this.previewSoon();
  }

  /** One call per changed rule; the last answer of each is what the page then shows. */
  async save() {
    this.saving = true;
    try {
      const kept = new Set(this.rules.map((rule) => rule.saved?.id));
      for (const rule of this.saved) {
        if (!kept.has(rule.id)) await api.delete(`${this.path()}/${rule.id}`);
      }
      for (const [index, rule] of this.rules.entries()) {
        const body = this.bodyOf(rule, index);
        if (!rule.saved) await api.post<Rule>(this.path(), body);
        else if (this.isChanged(rule) || rule.saved.position !== body.position) {
          await api.patch<Rule>(`${this.path()}/${rule.saved.id}`, body);
        }
      }
    } finally {
      // After a refusal in the middle the page must show what the server really has.
      this.saving = false;
      await this.load();
    }
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
    const rules = this.rules.map((rule, index) => ({
      ...(rule.saved ? { key: rule.saved.key } : {}),
      ...this.bodyOf(rule, index),
    }));
    try {
      const preview = readPreview(await api.post<RulesPreview>(`${this.path()}/preview`, { rules }));
      if (generation !== this.generation) return;
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
}
