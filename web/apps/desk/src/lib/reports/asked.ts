import type { Schemas } from '@otklik/api';
import { aheadOf } from '$lib/shared/period';

export type Split = Schemas['ReportSplit'];
export type Which = 'all' | 'asked' | 'answered' | 'missed' | 'closed' | 'rated';

export const SPLITS: Split[] = ['operator', 'department', 'channel', 'page', 'scenario'];
const WHICH: Which[] = ['all', 'asked', 'answered', 'missed', 'closed', 'rated'];

/** Periods that are chosen by name, in days. */
export const PERIODS = { today: 1, week: 7, month: 30 } as const;
export type Period = keyof typeof PERIODS | 'own';

/** What the address asks for. */
export interface Asked {
  period: Period;
  from: string;
  to: string;
  by: Split;
}

/** Which number is opened. */
export interface Listed {
  which: Which;
  /** A key of the split; null for all. */
  key: string | null;
  weekday: number | null;
  hour: number | null;
}

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const dayAt = (moment: number) => new Date(moment).toISOString().slice(0, 10);

/** The days up to today, as the project's clocks show it. */
export function lastDays(days: number, timeZone: string, now: number) {
  const local = now + aheadOf(timeZone, now);
  return { from: dayAt(local - (days - 1) * DAY_MS), to: dayAt(local) };
}

export function readAsked(params: URLSearchParams, timeZone: string, now: number): Asked {
  const by = SPLITS.find((split) => split === params.get('by')) ?? 'operator';
  const [from, to] = [params.get('from') ?? '', params.get('to') ?? ''];
  if (DAY.test(from) && DAY.test(to)) return { period: 'own', from, to, by };
  const named = params.get('period') ?? '';
  const period = named in PERIODS ? (named as keyof typeof PERIODS) : 'week';
  return { period, ...lastDays(PERIODS[period], timeZone, now), by };
}

export function readListed(params: URLSearchParams): Listed | null {
  const which = WHICH.find((one) => one === params.get('list'));
  if (!which) return null;
  const number = (name: string) => (params.has(name) ? Number(params.get(name)) : null);
  return { which, key: params.get('key'), weekday: number('weekday'), hour: number('hour') };
}

/** The part of an address that asks for this. */
export function writeQuery({ period, from, to, by }: Asked, listed: Partial<Listed> = {}): string {
  const params = new URLSearchParams(period === 'own' ? { from, to } : { period });
  params.set('by', by);
  if (listed.which) params.set('list', listed.which);
  for (const name of ['key', 'weekday', 'hour'] as const) {
    const value = listed[name];
    if (value !== null && value !== undefined) params.set(name, String(value));
  }
  return `?${params}`;
}
