import type { Field, GroupConflict, Job, LogLine, SharedValue } from '@otklik/api';
import { toast } from 'svelte-sonner';
import { createField } from '$lib/fields/fields.svelte';
import { live } from '$lib/live/live.svelte';
import { Refresher } from '$lib/live/refresher';
import { m } from '$lib/paraglide/messages';
import { directory } from '$lib/projects/directory.svelte';
import { titled } from '$lib/shared/fieldTitles';
import { api } from '$lib/shared/api';
import { attempt } from '$lib/shared/attempt';
import { jobProblem } from '$lib/shared/problem';
import { Resource } from '$lib/shared/resource.svelte';
import { offerUndo } from '$lib/shared/undo';
import { RulesLog } from './log.svelte';
import { RulesEditor } from './rules.svelte';
import { helpfulLimit, ValueDecisions } from './values.svelte';

/** Finding conflicts is work for the server: once for a burst of changes. */
const CONFLICTS_PAUSE_MS = 2_000;

/** What joins the clients of a project: the rules, the values decided about, the conflicts and the log of it all. */
export class MultiContactsState {
  readonly editor: RulesEditor;
  readonly values: ValueDecisions;
  readonly log: RulesLog;
  readonly fields = new Resource(async () => (await api.all<Field>(this.path('fields'))).map(titled));
  readonly conflicts = new Resource(() => api.all<GroupConflict>(this.path('multi-contact-conflicts')));
  /** The values whose clients are looked at. */
  asked = $state.raw<SharedValue[]>([]);
  readonly holders = new Resource(() => this.values.holders(this.asked));

  constructor(readonly projectId: string) {
    this.editor = new RulesEditor(projectId);
    this.values = new ValueDecisions(projectId);
    this.log = new RulesLog(projectId);
  }

  readonly blocked = $derived.by(() => this.values.of('blocked'));
  /** The opened rule, by the number people see. */
  readonly openedNumber = $derived.by(() => {
    const place = this.editor.rules.findIndex((rule) => rule.row === this.editor.opened);
    return place < 0 ? null : place + 1;
  });

  readonly fieldTitle = (key: string) => this.fields.data?.find((field) => field.key === key)?.title ?? key;
  readonly limitFor = (item: Parameters<typeof helpfulLimit>[0]) =>
    helpfulLimit(item, this.editor.rules, this.editor.settings);

  /** Loads everything and follows what others do; returns how to stop. */
  open(): () => void {
    this.load();
    void this.pickUp();
    void directory.open(this.projectId);
    const forget = this.editor.listen();
    const refresher = new Refresher(() => this.conflicts.load(), CONFLICTS_PAUSE_MS);
    const unfollow = live.follow('conflicts', (event) => {
      if (event.project_id === this.projectId) refresher.soon();
    });
    return () => {
      forget();
      unfollow();
      refresher.stop();
      this.editor.watch.stop();
    };
  }

  readonly retry = (): void => {
    void this.editor.load();
    this.fields.reload();
  };

  save() {
    return attempt(async () => {
      const job = await this.editor.save();
      if (hasEndedWell(job) && job.result) toast.success(m.rules_applied(job.result));
      await this.refresh();
    });
  }

  cancelJob() {
    return attempt(() => this.editor.watch.cancel());
  }

  /** A decision works at once, so what is being previewed changes with it. */
  decide(field: string, value: string, state: 'blocked' | 'allowed') {
    return attempt(async () => {
      await this.values.decide(field, value, state);
      const done = state === 'blocked' ? m.value_blocked_done({ value }) : m.value_allowed_done({ value });
      toast.success(done, { action: { label: m.undo(), onClick: () => void this.forget(field, value) } });
      this.editor.previewAgain();
      await this.log.load();
    });
  }

  forget(field: string, value: string) {
    return attempt(async () => {
      const { state } = this.values.items?.find((item) => item.field === field && item.value === value) ?? {};
      await this.values.forget(field, value);
      if (state === 'blocked' || state === 'allowed')
        offerUndo(m.value_forgotten(), () => this.decide(field, value, state));
      else toast(m.value_forgotten(), { duration: 3_000 });
      this.editor.previewAgain();
      await this.log.load();
    });
  }

  undo(line: LogLine) {
    return attempt(async () => {
      const job = await this.log.undo(line.id);
      if (!job || hasEndedWell(await this.editor.follow(job))) toast.success(m.log_undone());
      await Promise.all([this.editor.load(), this.refresh()]);
    });
  }

  showHolders(values: SharedValue[]) {
    this.asked = values;
    this.holders.restart();
  }

  /** A new field takes its place in the rule that asked for it. */
  async createField(values: Partial<Field>, row: string | null) {
    const field = await createField(this.projectId, values);
    await this.fields.load();
    const rule = this.editor.rules.find((item) => item.row === row);
    if (rule) this.editor.change(rule.row, { fields: [...rule.fields, field.key] });
  }

  private load() {
    void this.editor.load();
    void this.fields.load();
    void this.values.load();
    void this.log.load();
    void this.conflicts.load();
  }

  /** After a reload the job goes on under the eyes of whoever comes back to it. */
  private async pickUp() {
    const job = await this.editor.pickUp();
    if (!job) return;
    if (hasEndedWell(job)) {
      const isUndo = job.kind === 'undo_rules';
      toast.success(isUndo || !job.result ? m.log_undone() : m.rules_applied(job.result));
    }
    await this.refresh();
  }

  private async refresh() {
    await Promise.all([directory.refresh(), this.values.load(), this.log.load()]);
  }

  private path(rest: string): string {
    return `/projects/${this.projectId}/${rest}`;
  }
}

function hasEndedWell(job: Job): boolean {
  if (job.state === 'failed') toast.error(m.job_failed({ reason: jobProblem(job) }));
  if (job.state === 'cancelled') toast(m.job_cancelled());
  return job.state === 'done';
}
