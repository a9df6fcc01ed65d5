import type { Appearance, AppearanceDraft } from '@otklik/api';
import { m } from '$lib/paraglide/messages';
import { labelText } from '$lib/shared/words';

export const TABS = ['general', 'menu', 'forms', 'texts', 'places'] as const;
export type Tab = (typeof TABS)[number];

export const tabNames: Record<Tab, () => string> = {
  general: m.look_tab_general,
  menu: m.set_menu,
  forms: m.look_tab_forms,
  texts: m.look_tab_texts,
  places: m.look_tab_places,
};

/** The tab where each member of an appearance is edited, and what it is called there. */
const MEMBERS: Record<keyof Appearance, { tab: Tab; name: () => string }> = {
  brand: { tab: 'general', name: m.look_brand },
  theme: { tab: 'general', name: m.look_theme },
  icon: { tab: 'general', name: m.look_icon },
  side: { tab: 'general', name: m.look_side },
  offset: { tab: 'general', name: m.look_offset },
  menu: { tab: 'general', name: m.look_menu },
  locale: { tab: 'general', name: m.look_locale },
  operator: { tab: 'general', name: m.look_operator },
  rating: { tab: 'general', name: m.look_rating },
  sound: { tab: 'general', name: m.look_sound },
  before: { tab: 'forms', name: m.look_before },
  offline: { tab: 'forms', name: m.look_offline },
  title: { tab: 'texts', name: m.look_title_ru },
  title_en: { tab: 'texts', name: m.look_title_en },
  greeting: { tab: 'texts', name: m.look_greeting_ru },
  greeting_en: { tab: 'texts', name: m.look_greeting_en },
  consent: { tab: 'texts', name: m.look_consent },
  hidden: { tab: 'places', name: m.look_hidden },
};

type Change = AppearanceDraft['changes'][number];
const memberOf = (path: string) => MEMBERS[path.split('.')[0] as keyof Appearance];

/** Tabs with something that is not on the site yet. */
export function changedTabs(changes: readonly Change[]): Set<Tab> {
  return new Set(
    changes.map((change) =>
      change.what === 'menu_button' ? 'menu' : (memberOf(change.path)?.tab ?? 'general'),
    ),
  );
}

/** What is not on the site yet, in words: "button colour, order of the items, item X". */
export function changesText(changes: readonly Change[]): string {
  const said = changes.map((change) => {
    if (change.what === 'appearance') return pathsText([change.path]);
    const label = labelText(change.label);
    if (change.change === 'moved') return m.look_change_order();
    if (change.change === 'new') return m.look_change_new({ label });
    return change.change === 'removed' ? m.look_change_removed({ label }) : m.look_change_item({ label });
  });
  return [...new Set(said)].join(', ');
}

/** Members by their names in the form. */
export function pathsText(paths: readonly string[]): string {
  const names = paths.map((path) => memberOf(path)?.name() ?? path);
  return [...new Set(names)].map(lowered).join(', ');
}

const lowered = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

export const iconNames: Record<Appearance['icon'], () => string> = {
  mark: m.look_icon_mark,
  chat: m.menu_picture_chat,
  question: m.menu_picture_question,
  phone: m.menu_picture_phone,
  mail: m.menu_picture_mail,
  robot: m.menu_picture_robot,
  heart: m.look_icon_heart,
};
