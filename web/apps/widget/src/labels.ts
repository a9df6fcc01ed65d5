import type { Locale, MenuButton } from './contract';

/** In the visitor's language, in Russian where there is no other. */
export function labelOf({ label }: Pick<MenuButton, 'label'>, locale: Locale): string {
  return label[locale] || label.ru;
}
