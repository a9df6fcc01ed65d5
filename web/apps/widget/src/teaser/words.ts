import type { Locale } from '../contract';

const RU = { message: 'Сообщение оператора', hide: 'Скрыть сообщение', operator: 'Оператор' };
const EN: typeof RU = { message: 'Operator’s message', hide: 'Hide message', operator: 'Operator' };

export function wordsOf(locale: Locale): typeof RU {
  return locale === 'ru' ? RU : EN;
}
