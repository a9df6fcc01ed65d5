import type { Locale } from '../contract';

const RU = {
  title: 'Автодействия на этой странице',
  close: 'Закрыть проверку',
  acts: 'срабатывает',
  fires: 'подошло бы, но уступает',
  no: 'не срабатывает',
  now: 'сейчас',
  nothing: 'нет',
  ended: 'Ссылка проверки устарела: откройте новую из настроек.',
  away: 'Сервер не отвечает, пробуем снова.',
  stops: {
    disabled: 'выключено',
    broken: 'ссылается на удалённое',
    conditions: 'условия не выполнены',
    limit: 'лимит исчерпан',
    pause: 'пауза между показами',
    open_dialog: 'открыт диалог',
    priority: 'действует более важное',
  } as Record<string, string>,
};

const EN: typeof RU = {
  title: 'Auto-actions on this page',
  close: 'Close the checker',
  acts: 'acts',
  fires: 'would fit, but gives way',
  no: 'does not act',
  now: 'now',
  nothing: 'none',
  ended: 'The link to the checker has ended: open another one from the settings.',
  away: 'The server does not answer, trying again.',
  stops: {
    disabled: 'switched off',
    broken: 'names something deleted',
    conditions: 'conditions do not hold',
    limit: 'limit is spent',
    pause: 'pause between showings',
    open_dialog: 'a dialog is open',
    priority: 'a more important one acts',
  },
};

export const wordsOf = (locale: Locale): typeof RU => (locale === 'ru' ? RU : EN);
