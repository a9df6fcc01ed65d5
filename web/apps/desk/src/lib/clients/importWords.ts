import type { ImportResult } from '@otklik/api';
import { count } from '$lib/shared/format';
import { m } from '$lib/paraglide/messages';
import { jobProblem } from '$lib/shared/problem';
import type { Doing, ImportRun } from './import.svelte';

const verbs: Record<Doing, () => string> = {
  check: m.import_checking,
  import: m.import_running,
  unknown: m.import_working,
};

const endings: Record<Doing, () => string> = {
  check: m.import_checked,
  import: m.import_done,
  unknown: m.import_worked,
};

const stops: Record<Doing, () => string> = {
  check: m.import_check_stopped,
  import: m.import_stopped,
  unknown: m.import_work_stopped,
};

export const importVerb = (run: ImportRun) => verbs[run.doing]();

export function importProgress(run: ImportRun): string {
  const { done, total } = run.watch.job?.progress ?? { done: 0, total: null };
  if (total === null) return importVerb(run);
  return m.import_progress({ what: importVerb(run), done: count(done), total: count(total) });
}

export function importEnding(run: ImportRun): string {
  const job = run.watch.job;
  if (job?.state === 'failed') return m.import_failed({ reason: jobProblem(job) });
  if (job?.state === 'cancelled') return stops[run.doing]();
  return endings[run.doing]();
}

/** Rows that an import of the checked table would take. */
export const takeable = (result: ImportResult | null | undefined) =>
  result ? result.created + result.changed + result.unchanged + result.kept : 0;

/** The result in one line. */
export function importEnded(run: ImportRun): string {
  const { state, result } = run.watch.job ?? {};
  if (state !== 'done' || !result) return importEnding(run);
  const words = { taken: count(takeable(result)), refused: count(result.refused) };
  return run.doing === 'check' ? m.import_bar_checked(words) : m.import_bar_done(words);
}
