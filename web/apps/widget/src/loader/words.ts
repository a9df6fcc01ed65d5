import type { Config, Locale } from '../contract';

export function pickLocale(setting: Config['appearance']['locale'], language?: string): Locale {
  const wanted =
    setting === 'auto' ? language || document.documentElement.lang || navigator.language : setting;
  return wanted.startsWith('ru') ? 'ru' : 'en';
}

export function launcherLabel(locale: Locale, isOpen: boolean, unread: number): string {
  const isRussian = locale === 'ru';
  if (isOpen) return isRussian ? 'Закрыть чат' : 'Close chat';
  const label = isRussian ? 'Открыть чат' : 'Open chat';
  if (!unread) return label;
  const isOne = unread % 10 === 1 && unread % 100 !== 11;
  return label + `, ${unread} ` + (isRussian ? 'непрочитанн' + (isOne ? 'ое' : 'ых') : 'unread');
}
