import type { QuietHours, Schedule, ZoneShare } from './contract';
import { aheadOf } from '$lib/shared/period';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** The moment at which a clock of this zone shows `2026-12-03T10:00`. */
export function momentOf(local: string, zone: string): number {
  const wall = Date.parse(`${local.slice(0, 16)}:00Z`);
  const near = wall - aheadOf(zone, wall);
  return wall - aheadOf(zone, near);
}

/** What a clock of this zone shows: `2026-12-03T10:00`. */
export const localOf = (moment: number, zone: string): string =>
  new Date(moment + aheadOf(zone, moment)).toISOString().slice(0, 16);

/** Minutes since midnight of `21:00`. */
export const minutesOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

export interface Bar {
  /** Shares of the scale, 0 to 1. */
  from: number;
  to: number;
}
export interface ZoneRow extends ZoneShare {
  quiet: Bar[];
  /** Where it begins there; null where that is off the scale. */
  dot: number | null;
  /** Where it would begin without quiet hours. */
  wish: number | null;
  /** As a clock there shows it. */
  local: string;
}
export interface Scale {
  rows: ZoneRow[];
  ticks: { at: number; label: string; isStart: boolean; isMinor: boolean }[];
  /** The start that all share; null where each zone has its own. */
  start: number | null;
}

const SPAN_HOURS = 16;
const BEFORE_HOURS = 4;
const MOST_HOURS = 48;

/** Where everything stands on a scale of the project's clock: quiet hours, the start, and when it begins in each zone. */
export function scaleOf(zones: readonly ZoneShare[], schedule: Schedule, at: string, project: string): Scale {
  const wishes = zones.map((zone) => Date.parse(zone.starts_at) - zone.waits_seconds * 1_000);
  const isShared = schedule.zone === 'project' || !schedule.at;
  const start = schedule.at && isShared ? momentOf(schedule.at, project) : Date.parse(at);
  const first = isShared ? Math.min(start, ...wishes) : Math.min(...wishes, Infinity);
  const last = Math.max(first, ...zones.map(({ starts_at }) => Date.parse(starts_at)));
  const wanted = BEFORE_HOURS + Math.ceil((last - first) / HOUR_MS) + 2;
  const hours = Math.min(MOST_HOURS, Math.max(SPAN_HOURS, wanted));
  const ahead = aheadOf(project, first);
  const begin = Math.floor((first + ahead) / HOUR_MS) * HOUR_MS - ahead - BEFORE_HOURS * HOUR_MS;
  const end = begin + hours * HOUR_MS;
  const place = (moment: number) => (moment - begin) / (end - begin);
  const within = (share: number) => (share >= 0 && share <= 1 ? share : null);
  const rows = zones.map((zone, index) => ({
    ...zone,
    quiet: schedule.quiet ? quietBars(schedule.quiet, zone.zone, begin, end) : [],
    dot: within(place(Date.parse(zone.starts_at))),
    wish: within(place(wishes[index] ?? 0)),
    local: localOf(Date.parse(zone.starts_at), zone.zone).slice(11),
  }));
  const shown = isShared ? within(place(start)) : null;
  return {
    rows,
    start: shown,
    ticks: ticksOf({ begin, hours, project, start: shown === null ? null : start }),
  };
}

interface Axis {
  begin: number;
  hours: number;
  project: string;
  start: number | null;
}

/** Every second hour, or more seldom on a long scale; the start always, in place of what would stand too near. */
function ticksOf({ begin, hours, project, start }: Axis) {
  const step = hours <= SPAN_HOURS ? 2 : hours <= 24 ? 3 : 6;
  const marks = Array.from(
    { length: Math.ceil(hours / step) + 1 },
    (_, index) => begin + index * step * HOUR_MS,
  );
  const near = (moment: number) => start !== null && Math.abs(moment - start) < (step * HOUR_MS) / 2;
  const shown = marks.filter((moment) => {
    const share = (moment - begin) / (hours * HOUR_MS);
    return share > 0.04 && share < 0.97 && !near(moment);
  });
  const tick = (moment: number, isStart: boolean) => ({
    at: (moment - begin) / (hours * HOUR_MS),
    label: localOf(moment, project).slice(11),
    isStart,
    // Gives way where there is little room: every second one.
    isMinor: !isStart && ((moment - begin) / (step * HOUR_MS)) % 2 === 1,
  });
  const all = shown.map((moment) => tick(moment, false));
  return start === null ? all : [...all, tick(start, true)].sort((a, b) => a.at - b.at);
}

function quietBars({ from, to }: QuietHours, zone: string, begin: number, end: number): Bar[] {
  const [starts, ends] = [minutesOf(from), minutesOf(to)];
  const length = (ends - starts + 1_440) % 1_440 || 1_440;
  const ahead = aheadOf(zone, begin);
  const midnight = Math.floor((begin + ahead) / DAY_MS) * DAY_MS - ahead;
  const bars: Bar[] = [];
  for (let day = midnight - DAY_MS; day < end; day += DAY_MS) {
    const opens = Math.max(begin, day + starts * MINUTE_MS);
    const closes = Math.min(end, day + (starts + length) * MINUTE_MS);
    if (opens < closes)
      bars.push({ from: (opens - begin) / (end - begin), to: (closes - begin) / (end - begin) });
  }
  return bars;
}
