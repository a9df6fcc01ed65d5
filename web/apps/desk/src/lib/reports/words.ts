import { m } from '$lib/paraglide/messages';
import { getLocale } from '$lib/paraglide/runtime';
import { count, secondsText } from '$lib/shared/format';
import type { Period, Split, Which } from './asked';
import type { OwnReport, Report, Reported, ReportNumbers, ReportRow } from './report.svelte';

export function periodName(period: Period): string {
  const names: Record<Period, () => string> = {
    today: m.today,
    week: m.rep_period_week,
    month: m.rep_period_month,
    own: m.stat_period_own,
  };
  return names[period]();
}

export function splitName(split: Split): string {
  const names: Record<Split, () => string> = {
    operator: m.stat_by_operator,
    department: m.stat_by_department,
    channel: m.stat_by_channel,
    page: m.stat_by_page,
    scenario: m.stat_by_scenario,
  };
  return names[split]();
}

/** A column: a number, how it is written, and which conversations it opens. */
export interface Column {
  key: keyof ReportNumbers;
  name: () => string;
  which: Which;
  text: (value: number) => string;
}

const plain = (value: number) => count(value);
const score = (value: number) =>
  new Intl.NumberFormat(getLocale() === 'ru' ? 'ru-RU' : 'en-GB', { maximumFractionDigits: 2 }).format(value);

/** In the order of the table that is downloaded. */
export const COLUMNS: Column[] = [
  { key: 'conversations', name: m.stat_conversations, which: 'all', text: plain },
  { key: 'asked', name: m.stat_asked, which: 'asked', text: plain },
  { key: 'answered', name: m.stat_answered, which: 'answered', text: plain },
  { key: 'missed', name: m.stat_missed, which: 'missed', text: plain },
  { key: 'answer_median', name: m.stat_answer_median, which: 'answered', text: secondsText },
  { key: 'answer_p90', name: m.stat_answer_p90, which: 'answered', text: secondsText },
  { key: 'closed', name: m.stat_closed, which: 'closed', text: plain },
  { key: 'duration_median', name: m.stat_duration, which: 'closed', text: secondsText },
  { key: 'client_messages', name: m.stat_client_messages, which: 'all', text: plain },
  { key: 'people_messages', name: m.stat_people_messages, which: 'all', text: plain },
  { key: 'bot_messages', name: m.stat_bot_messages, which: 'all', text: plain },
  { key: 'rated', name: m.stat_rated, which: 'rated', text: plain },
  { key: 'rating', name: m.stat_rating, which: 'rated', text: score },
];

/** The numbers over everything. */
export const MAIN: (keyof ReportNumbers)[] = [
  'conversations',
  'answered',
  'missed',
  'answer_median',
  'answer_p90',
  'duration_median',
  'rating',
];

/** What a key is called. */
export function rowName(row: Pick<ReportRow, 'key' | 'name'>, by: Split): string {
  if (row.key === '*') return m.stat_other_pages();
  if (row.key) return row.name ?? m.stat_deleted();
  const nothing: Record<Split, () => string> = {
    operator: m.stat_no_operator,
    department: m.stat_no_department,
    channel: m.stat_deleted,
    page: m.stat_no_page,
    scenario: m.stat_no_scenario,
  };
  return nothing[by]();
}

export const weekdays = (): string[] => {
  const format = new Intl.DateTimeFormat(getLocale() === 'ru' ? 'ru-RU' : 'en-GB', {
    weekday: 'short',
    timeZone: 'UTC',
  });
  // 1970 began on a Thursday.
  return Array.from({ length: 7 }, (_, day) => format.format(new Date((day + 4) * 86_400_000)));
};

/** What a list of conversations is of. */
export function listTitle(which: Which): string {
  const titles: Record<Which, () => string> = {
    all: m.stat_conversations,
    asked: m.stat_asked,
    answered: m.stat_answered,
    missed: m.stat_missed,
    closed: m.stat_closed,
    rated: m.stat_rated,
  };
  return titles[which]();
}

/** Why a conversation counts as missed, and whether it was answered afterwards. */
export function missedText({ missed }: Pick<Reported, 'missed'>): string {
  if (!missed) return '';
  const words: Record<'late' | 'closed' | 'unanswered', () => string> = {
    late: m.stat_missed_late,
    closed: m.stat_missed_closed,
    unanswered: m.stat_missed_unanswered,
  };
  return words[missed]();
}

/** How a number differs from that of the days before; nothing where there is none to compare with. */
export function changeText(report: Report | OwnReport, key: keyof ReportNumbers): string {
  const [now, before] = [report.total[key], report.before[key]];
  if (now === null || before === null || !before) return '';
  const share = (now - before) / before;
  const shown = new Intl.NumberFormat(getLocale() === 'ru' ? 'ru-RU' : 'en-GB', {
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  });
  return shown.format(share);
}
