import { ApiError } from '@otklik/api';
import { codeText, problemText } from '$lib/shared/problem';

/** Why it did not start: what forbids it, one thing after another. */
export function startProblem(error: unknown): string {
  if (!(error instanceof ApiError) || error.code !== 'not_ready' || error.errors.length === 0)
    return problemText(error);
  const said = error.errors.map(({ code, message, path }) =>
    codeText(code, message, { place: path.replace(/^\//, '').replaceAll('/', '.') }),
  );
  return [...new Set(said)].join(' ');
}
