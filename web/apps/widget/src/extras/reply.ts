import type { Shell } from '../shell';

/** "обычно отвечает за 5 минут": whole hours from one on. */
export function within({ locale, config }: Shell): string | undefined {
  const minutes = config.reply_minutes;
  if (!minutes) return;
  const [count, unit] = minutes < 60 ? [minutes, 'minute'] : [Math.ceil(minutes / 60), 'hour'];
  const time = count.toLocaleString(locale, { style: 'unit', unit, unitDisplay: 'long' });
  if (locale === 'en') return `usually replies in ${time}`;
  return `обычно отвечает за ${time.replace('минута', 'минуту')}`;
}

/** When the team comes back: "Ответим: понедельник, 10:00". A page that stands open for days knows the hours of the day it came. */
export function from({ locale, config: { opens_at } }: Shell): string | undefined {
  const date = new Date(opens_at ?? 0);
  if (!(date.getTime() > Date.now())) return;
  const isRussian = locale === 'ru';
  const isToday = date.toDateString() === new Date().toDateString();
  const today = isRussian ? 'сегодня' : 'today';
  const day = isToday ? today : date.toLocaleDateString(locale, { weekday: 'long' });
  const time = date.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
  return `${isRussian ? 'Ответим' : 'We reply'}: ${day}, ${time}`;
}

/** While nobody has taken the conversation. */
export const inLine = ({ locale }: Shell, place: number) =>
  `${locale === 'ru' ? 'Ваше место в очереди' : 'Your place in line'}: ${place}`;
