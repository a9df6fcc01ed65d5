import type { Locale } from '../contract';

const RU = {
  write: 'Ваше сообщение',
  send: 'Отправить',
  attach: 'Прикрепить файл',
  watched: 'Оператор видит текст, пока вы его пишете',
  close: 'Закрыть чат',
  hint: 'Напишите нам, ответ придёт сюда',
  today: 'Сегодня',
  yesterday: 'Вчера',
  sending: 'Отправляется',
  queued: 'В очереди, нет связи',
  slowed: 'Слишком часто, отправим чуть позже',
  sent: 'Отправлено',
  delivered: 'Доставлено',
  read: 'Прочитано',
  notSent: 'Не отправлено',
  retry: 'Повторить',
  remove: 'Убрать',
  typing: 'печатает',
  you: 'Вы',
  support: 'Оператор',
  online: 'в сети',
  away: 'Сейчас не в сети, ответим здесь',
  offline: 'Нет связи. Сообщения уйдут, когда она появится',
  off: 'Чат на сайте сейчас выключен. Написанное здесь сохранено.',
  held: 'Сообщения уйдут, когда вы разрешите сайту хранить данные.',
  switchedOff: 'Чат выключен',
  notTaken: 'Не отправлено: чат выключен',
  loading: 'Загружаем переписку',
  historyFailed: 'Не удалось загрузить переписку',
  older: 'Показать раньше',
  newest: 'К новым сообщениям',
  drop: 'Отпустите, чтобы прикрепить',
  tooBig: 'Больше 20 МБ, такой файл не отправить',
  empty: 'Пустой файл не отправить',
  uploadLost: 'Не загружено: нет связи',
  uploadRefused: 'Сервер не принял файл',
  waitUpload: 'Файл ещё загружается',
  powered: ['Работает на ', 'Отклике'],
  leadsTo: 'ведёт на',
  newTab: 'откроется в новой вкладке',
  edited: 'изменено',
  deleted: 'Сообщение удалено',
  units: ['Б', 'КБ', 'МБ'],
};

const EN: typeof RU = {
  write: 'Your message',
  send: 'Send',
  attach: 'Attach a file',
  watched: 'The operator sees the text as you type it',
  close: 'Close chat',
  hint: 'Write to us, the answer will come here',
  today: 'Today',
  yesterday: 'Yesterday',
  sending: 'Sending',
  queued: 'Queued, no connection',
  slowed: 'Too many at once, goes out in a moment',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  notSent: 'Not sent',
  retry: 'Retry',
  remove: 'Remove',
  typing: 'is typing',
  you: 'You',
  support: 'Operator',
  online: 'online',
  away: 'Away now, the answer will come here',
  offline: 'No connection. Messages will go out when it is back',
  off: 'The chat of this site is switched off now. What you wrote here is kept.',
  held: 'Messages will go out when you let the site keep data.',
  switchedOff: 'Chat is off',
  notTaken: 'Not sent: the chat is off',
  loading: 'Loading messages',
  historyFailed: 'Messages did not load',
  older: 'Show earlier',
  newest: 'To new messages',
  drop: 'Drop to attach',
  tooBig: 'Over 20 MB, this file cannot be sent',
  empty: 'An empty file cannot be sent',
  uploadLost: 'Not uploaded: no connection',
  uploadRefused: 'The server did not take the file',
  waitUpload: 'The file is still uploading',
  powered: ['Powered by ', 'Otklik'],
  leadsTo: 'leads to',
  newTab: 'opens in a new tab',
  edited: 'edited',
  deleted: 'Message deleted',
  units: ['B', 'KB', 'MB'],
};

export type Words = typeof RU;

export function wordsOf(locale: Locale): Words {
  return locale === 'ru' ? RU : EN;
}

export function fileSize(locale: Locale, bytes: number): string {
  const step = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
  const number = bytes / 1000 ** step;
  const shown = number.toLocaleString(locale, { maximumFractionDigits: step === 2 && number < 10 ? 1 : 0 });
  return `${shown} ${wordsOf(locale).units[step]}`;
}

const DAY_MS = 86_400_000;

/** "Сегодня, 09:08"; the year only where it is another one. */
export function dayAndTime(locale: Locale, iso: string, now: Date): string {
  const date = new Date(iso);
  const words = wordsOf(locale);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const age = (midnight - new Date(date).setHours(0, 0, 0, 0)) / DAY_MS;
  const isOtherYear = date.getFullYear() !== now.getFullYear();
  const year = isOtherYear ? ({ year: 'numeric' } as const) : {};
  const day =
    age < 0.5
      ? words.today
      : age < 1.5
        ? words.yesterday
        : date.toLocaleDateString(locale, { day: 'numeric', month: 'long', ...year });
  return `${day}, ${date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })}`;
}
