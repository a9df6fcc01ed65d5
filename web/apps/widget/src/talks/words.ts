import type { Locale } from '../contract';

const RU = {
  list: 'Разговоры',
  back: 'К переписке',
  unread: 'есть непрочитанное',
  begin: 'Новый разговор',
  closed: 'Завершён',
  unreadIn: (count: number) => `непрочитанных: ${count}`,
  you: 'Вы',
  file: 'Файл',
  none: 'Пока ничего не сказано',
  loading: 'Загружаем разговоры',
  empty: 'Здесь будут ваши разговоры',
  failed: 'Не удалось загрузить разговоры.',
  retry: 'Повторить',
  ended: 'Этот разговор завершён. Напишите, и он продолжится.',
};

const EN: typeof RU = {
  list: 'Conversations',
  back: 'To the messages',
  unread: 'something is unread',
  begin: 'New conversation',
  closed: 'Closed',
  unreadIn: (count) => `${count} unread`,
  you: 'You',
  file: 'File',
  none: 'Nothing was said yet',
  loading: 'Loading conversations',
  empty: 'Your conversations will be here',
  failed: 'Conversations did not load.',
  retry: 'Try again',
  ended: 'This conversation was closed. Write, and it goes on.',
};

export function wordsOf(locale: Locale): typeof RU {
  return locale === 'ru' ? RU : EN;
}
