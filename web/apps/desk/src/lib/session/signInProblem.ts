import { ApiError } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { problemText } from '$lib/shared/problem';

/** Why nobody was signed in, without telling whether there is such an address. */
export function signInProblem(error: unknown): string {
  if (!(error instanceof ApiError)) return problemText(error);
  if (error.status === 429) {
    return m.sign_in_limited({ minutes: Math.max(1, Math.ceil((error.retryAfter ?? 60) / 60)) });
  }
  if (error.code === 'second_factor_required') return '';
  if (error.code === 'wrong_code') return m.sign_in_code_wrong();
  return error.status === 401 || error.status === 422 ? m.sign_in_wrong() : problemText(error);
}

/** Whether the password was right and the phone's code is asked for, too. */
export const isCodeAskedFor = (error: unknown) =>
  error instanceof ApiError && (error.code === 'second_factor_required' || error.code === 'wrong_code');

/** What is wrong with the phone's first code. */
export function codeProblem(error: unknown): string {
  const isWrong = error instanceof ApiError && error.errors.some(({ code }) => code === 'wrong_code');
  return isWrong ? m.sign_in_code_wrong() : signInProblem(error);
}

/** Why the password was not changed. */
export function passwordProblem(error: unknown): string {
  if (error instanceof ApiError && error.status === 403) return m.proof_wrong();
  return error instanceof ApiError && error.status === 429 ? signInProblem(error) : problemText(error);
}

/** What went wrong when the password was given once more. */
export function proofProblem(error: unknown): string {
  const isWrong = error instanceof ApiError && error.errors.some(({ code }) => code === 'wrong_password');
  return isWrong ? m.proof_wrong() : signInProblem(error);
}
