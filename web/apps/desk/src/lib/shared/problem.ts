import { ApiError } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { placeTexts, problemTexts } from './problemTexts';

/** A code in the reader's language: the server explains in English, and that is shown only for codes not known here. */
export function codeText(code: string, detail: string, place = ''): string {
  const say = placeTexts[`${code} ${place}`] ?? problemTexts[code];
  return say?.({ detail }) ?? (detail || m.error_generic());
}

/** What a person should read about a failed call. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError)) return m.error_generic();
  const [first] = error.errors;
  // `invalid` alone says nothing: what is wrong stands in the list.
  if (error.code === 'invalid' && first) return codeText(first.code, first.message, placeOf(first));
  return codeText(error.code, error.detail);
}

/** Why a job failed. */
export function jobProblem(job: { error: string | null; error_code: string | null }): string {
  return codeText(job.error_code ?? '', job.error ?? '');
}

/** Errors by field path, for forms. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    error.errors.map((entry) => [placeOf(entry), codeText(entry.code, entry.message, placeOf(entry))]),
  );
}

/** What the administrator finds the call by in the server's log. */
export function requestId(error: unknown): string | null {
  return error instanceof ApiError ? error.requestId : null;
}

const placeOf = (entry: { path: string }) => entry.path.replace(/^\//, '').replaceAll('/', '.');
