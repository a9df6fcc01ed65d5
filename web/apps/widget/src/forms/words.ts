import type { Locale } from '../contract';

const RU = {
  send: 'Отправить',
  notSent: 'Не отправлено',
  cancel: 'Отмена',
  wrong: 'Проверьте, всё ли верно',
};

const EN: typeof RU = {
  send: 'Send',
  notSent: 'Not sent',
  cancel: 'Cancel',
  wrong: 'Please check this',
};

export type Words = typeof RU;

export function wordsOf(locale: Locale): Words {
  return locale === 'ru' ? RU : EN;
}
