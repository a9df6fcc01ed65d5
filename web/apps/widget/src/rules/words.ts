import type { Locale } from '../contract';

const RU = {
  suggests: 'Подсказки',
  hideSuggests: 'Скрыть подсказки',
  message: 'Сообщение',
  hideMessage: 'Скрыть сообщение',
  newTab: 'откроется в новой вкладке',
  form: 'Оставьте контакты',
  name: 'Имя',
  phone: 'Телефон',
  email: 'Почта',
};

const EN: typeof RU = {
  suggests: 'Suggestions',
  hideSuggests: 'Hide suggestions',
  message: 'Message',
  hideMessage: 'Hide message',
  newTab: 'opens in a new tab',
  form: 'Leave your contacts',
  name: 'Name',
  phone: 'Phone',
  email: 'Email',
};

export type Words = typeof RU;

export function wordsOf(locale: Locale): Words {
  return locale === 'ru' ? RU : EN;
}
