import { ApiError } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { problemText } from '$lib/shared/problem';

/** Why nobody was signed in, without telling whether there is such an address. */
export function signInProblem(error: unknown): string {
  if (!(error instanceof ApiError)) return problemText(error);
  if (error.status === 429) {
    return m.sign_in_limited({ minutes: Math.max(1, Math.ceil((error.retryAfter ?? 60) / 60)) });
  }
  return error.status === 401 || error.status === 422 ? m.sign_in_wrong() : problemText(error);
}

/** What went wrong when the password was given once more. */
export function proofProblem(error: unknown): string {
  const isWrong = error instanceof ApiError && error.errors.some(({ code }) => code === 'wrong_password');
  return isWrong ? m.proof_wrong() : signInProblem(error);
}
