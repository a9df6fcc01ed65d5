import { overwriteGetLocale, type Locale } from '$lib/paraglide/runtime';

/** The interface language. Messages read it inside templates, so a switch repaints in place and keeps drafts. */
class I18n {
  locale = $state<Locale>('ru');

  set(locale: Locale) {
    this.locale = locale;
    document.documentElement.lang = locale;
    localStorage.setItem('otklik.locale', locale);
  }
}

export const i18n = new I18n();
overwriteGetLocale(() => i18n.locale);

export function startLocale() {
  const stored = localStorage.getItem('otklik.locale');
  const preferred = navigator.language.startsWith('ru') || !navigator.language ? 'ru' : 'en';
  i18n.locale = stored === 'ru' || stored === 'en' ? stored : preferred;
  document.documentElement.lang = i18n.locale;
}
