import type { Locale, MenuButton } from './contract';

/** In the visitor's language, in Russian where there is no other. */
export function labelOf({ label }: Pick<MenuButton, 'label'>, locale: Locale): string {
  return label[locale] || label.ru;
}

/** Texts that stand beside each other, `title` and `title_en`. */
export function textIn(locale: Locale, ru = '', en = ''): string {
  return (locale === 'en' && en) || ru;
}
