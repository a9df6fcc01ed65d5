import type { Announcement, AnnouncementKind } from '@otklik/api';
import { CircleAlert, Megaphone, Wrench } from '@otklik/ui/icons';
import { m } from '$lib/paraglide/messages';
import { i18n } from '$lib/shared/i18n.svelte';

export const KINDS: readonly AnnouncementKind[] = ['news', 'maintenance', 'incident'];

export const kindNames: Record<AnnouncementKind, () => string> = {
  news: m.announcement_kind_news,
  maintenance: m.announcement_kind_maintenance,
  incident: m.announcement_kind_incident,
};

export const kindHints: Record<AnnouncementKind, () => string> = {
  news: m.announcement_kind_news_hint,
  maintenance: m.announcement_kind_maintenance_hint,
  incident: m.announcement_kind_incident_hint,
};

export const kindIcons = { news: Megaphone, maintenance: Wrench, incident: CircleAlert };

/** In the reader's language, or in the other one when nothing is written in it. */
export const titleOf = ({ title_ru: ru, title_en: en }: Announcement): string =>
  i18n.locale === 'ru' ? ru || en : en || ru;

export const textOf = ({ text_ru: ru, text_en: en }: Announcement): string =>
  i18n.locale === 'ru' ? ru || en : en || ru;

/** Who tells it. */
export function byOf({ source, written_by: by }: Announcement): string {
  if (source === 'product') return m.announcement_by_product();
  return by || m.announcement_by_installation();
}
