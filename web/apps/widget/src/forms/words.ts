import type { Locale } from '../contract';

const RU = {
  before: 'Представьтесь, пожалуйста',
  offline: 'Оставьте сообщение',
  message: 'Сообщение',
  begin: 'Начать чат',
  skip: 'Пропустить',
  optional: 'необязательно',
  send: 'Отправить',
  notSent: 'Не отправлено',
  cancel: 'Отмена',
  wrong: 'Проверьте, всё ли верно',
  more: 'Подробнее',
  newTab: 'откроется в новой вкладке',
  rating: 'Как прошёл разговор?',
  score: (n: number) => `${n} из 5`,
  comment: 'Что можно было лучше',
  later: 'Не сейчас',
  thanks: 'Спасибо за оценку',
};

const EN: typeof RU = {
  before: 'Please introduce yourself',
  offline: 'Leave a message',
  message: 'Message',
  begin: 'Start chat',
  skip: 'Skip',
  optional: 'optional',
  send: 'Send',
  notSent: 'Not sent',
  cancel: 'Cancel',
  wrong: 'Please check this',
  more: 'Details',
  newTab: 'opens in a new tab',
  rating: 'How was the conversation?',
  score: (n) => `${n} of 5`,
  comment: 'What could have been better',
  later: 'Not now',
  thanks: 'Thank you for rating',
};

export type Words = typeof RU;

export function wordsOf(locale: Locale): Words {
  return locale === 'ru' ? RU : EN;
}
