import type { Announcement, AnnouncementKind, NewAnnouncement, Role } from '@otklik/api';
import { localMoment, momentOf } from './when';

export const MOST_TITLE = 120;
export const MOST_TEXT = 5_000;
export const ROLES: readonly Role[] = ['operator', 'admin', 'owner'];

export type Publishing = 'now' | 'later' | 'draft';

/** An announcement as its form holds it: moments as they are typed, in the author's time zone. */
export interface AnnouncementDraft {
  kind: AnnouncementKind;
  forAll: boolean;
  titleRu: string;
  titleEn: string;
  textRu: string;
  textEn: string;
  link: string;
  from: string;
  to: string;
  /** Id of a connection, or the kind of a channel when it is for all accounts; empty for none. */
  channel: string;
  roles: Role[];
  projects: string[];
  publishing: Publishing;
  at: string;
}

export function draftOf(it: Announcement | null, projects: string[] = []): AnnouncementDraft {
  if (!it) return { ...EMPTY, roles: [...ROLES], projects };
  const forAll = it.source === 'installation';
  return {
    kind: it.kind,
    forAll,
    titleRu: it.title_ru,
    titleEn: it.title_en,
    textRu: it.text_ru,
    textEn: it.text_en,
    link: it.link ?? '',
    from: localMoment(it.window_from),
    to: localMoment(it.window_to),
    channel: (forAll ? it.channel : it.connection_id) ?? '',
    roles: [...it.roles],
    projects: [...it.project_ids],
    publishing: it.published_at === null ? 'draft' : 'later',
    at: localMoment(it.published_at),
  };
}

const EMPTY: AnnouncementDraft = {
  kind: 'news',
  forAll: false,
  titleRu: '',
  titleEn: '',
  textRu: '',
  textEn: '',
  link: '',
  from: '',
  to: '',
  channel: '',
  roles: [],
  projects: [],
  publishing: 'now',
  at: '',
};

/** What is sent. `isTold`: it is on the screens of others already, and keeps the moment when that began. */
export function bodyOf(draft: AnnouncementDraft, isTold: boolean): Omit<NewAnnouncement, 'for_all_accounts'> {
  const hasWindow = draft.kind !== 'news';
  const channel = hasWindow && draft.channel ? draft.channel : null;
  return {
    kind: draft.kind,
    title_ru: draft.titleRu,
    title_en: draft.titleEn,
    text_ru: draft.textRu,
    text_en: draft.textEn,
    link: draft.link.trim() || null,
    window_from: hasWindow ? momentOf(draft.from) : null,
    window_to: hasWindow ? momentOf(draft.to) : null,
    ...(draft.forAll
      ? { channel: channel as NewAnnouncement['channel'] }
      : { connection_id: channel, project_ids: draft.projects }),
    roles: draft.roles,
    ...(isTold ? {} : published(draft)),
  };
}

function published({ publishing, at }: AnnouncementDraft): Pick<NewAnnouncement, 'draft' | 'publish_at'> {
  if (publishing === 'draft') return { draft: true };
  // A moment that is past means at once.
  const moment = publishing === 'later' ? momentOf(at) : new Date(0).toISOString();
  return { draft: false, publish_at: moment };
}

/** Where an announcement stands, for the list of its authors. */
export type Standing = 'draft' | 'planned' | 'told' | 'under_way' | 'over';

export function standingOf(it: Announcement, now: number): Standing {
  if (it.published_at === null) return 'draft';
  if (it.ended_at !== null) return 'over';
  const from = Date.parse(it.window_from ?? it.published_at);
  if (Date.parse(it.published_at) > now) return 'planned';
  if (it.kind === 'news') return 'told';
  if (it.window_to !== null && Date.parse(it.window_to) <= now) return 'over';
  return from <= now ? 'under_way' : 'told';
}
