import type { Announcement } from '@otklik/api';

const HOUR_MS = 3_600_000;
/** A planned window is told of so long ahead. */
export const AHEAD_MS = 24 * HOUR_MS;

/** How a line at the top tells of something: an incident, work that goes on, or work that lies ahead. */
export type BannerTone = 'incident' | 'maintenance' | 'planned';

export interface BannerLine {
  announcement: Announcement;
  tone: BannerTone;
}

const time = (iso: string | null) => (iso === null ? null : Date.parse(iso));

/** What a line at the top says of an announcement at this moment; nothing when it is none of its time. */
export function toneAt(announcement: Announcement, now: number): BannerTone | null {
  const { kind, ended_at, hidden } = announcement;
  const from = time(announcement.window_from);
  const to = time(announcement.window_to);
  if (kind === 'news' || ended_at !== null || (to !== null && to <= now)) return null;
  if (kind === 'incident') return from === null || from <= now ? 'incident' : null;
  if (from === null) return null;
  if (from <= now) return 'maintenance';
  return from - AHEAD_MS <= now && !hidden ? 'planned' : null;
}

const WEIGHT: Record<BannerTone, number> = { incident: 0, maintenance: 1, planned: 2 };

/** The lines at the top at this moment, the gravest first, in each kind the earliest. */
export function linesAt(announcements: readonly Announcement[], now: number): BannerLine[] {
  const lines: BannerLine[] = [];
  for (const announcement of announcements) {
    const tone = toneAt(announcement, now);
    if (tone) lines.push({ announcement, tone });
  }
  return lines.sort((a, b) => WEIGHT[a.tone] - WEIGHT[b.tone]);
}
