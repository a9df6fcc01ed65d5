import { ApiError, type ChannelKind } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { kindOf } from './kinds';
import { placeTexts, problemTexts, wayTexts } from './problemTexts';
import { channelName } from './words';

/** Where a code comes from, as far as it is known: a path in the request, the channel that it speaks of. */
interface Where {
  place?: string;
  kind?: ChannelKind;
}

/** A code in the reader's language: the server explains in English, and that is shown only for codes not known here. */
export function codeText(code: string, detail: string, { place = '', kind }: Where = {}): string {
  const way = kind && kindOf(kind)?.way;
  const own = way ? wayTexts[way] : {};
  const atPlace = `${code} ${place}`;
  const say = own[atPlace] ?? placeTexts[atPlace] ?? own[code] ?? problemTexts[code];
  const channel = kind ? channelName(kind) : m.problem_channel();
  return say?.({ detail, channel }) ?? (detail || m.error_generic());
}

/** What a person should read about a failed call. */
export function problemText(error: unknown, kind?: ChannelKind): string {
  if (!(error instanceof ApiError)) return m.error_generic();
  const [first] = error.errors;
  // `invalid` alone says nothing: what is wrong stands in the list.
  if (error.code === 'invalid' && first)
    return codeText(first.code, first.message, { place: placeOf(first), kind });
  return codeText(error.code, error.detail, { kind });
}

/** Why a job failed. */
export function jobProblem(job: { error: string | null; error_code: string | null }): string {
  return codeText(job.error_code ?? '', job.error ?? '');
}

/** Errors by field path, for forms. */
export function fieldErrors(error: unknown, kind?: ChannelKind): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(
    error.errors.map((entry) => {
      const place = placeOf(entry);
      return [place, codeText(entry.code, entry.message, { place, kind })];
    }),
  );
}

/** What the administrator finds the call by in the server's log. */
export function requestId(error: unknown): string | null {
  return error instanceof ApiError ? error.requestId : null;
}

const placeOf = (entry: { path: string }) => entry.path.replace(/^\//, '').replaceAll('/', '.');
