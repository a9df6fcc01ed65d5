import { ApiError } from '@otklik/api';
import { m } from '$lib/paraglide/messages';

/** What a person should read about a failed call. */
export function problemText(error: unknown): string {
  if (!(error instanceof ApiError)) return m.error_generic();
  if (error.code === 'network') return m.error_network();
  return error.detail || m.error_generic();
}

/** Errors by field path, for forms. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.errors.map((entry) => [entry.path.replace(/^\//, ''), entry.message]));
}

export function requestId(error: unknown): string | null {
  return error instanceof ApiError ? error.requestId : null;
}
