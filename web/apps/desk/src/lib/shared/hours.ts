import { DAYS, type Day, type MenuHours } from '@otklik/chat/menu';
import { getLocale } from '$lib/paraglide/runtime';

/** "Mon": the first of January 2024 was a Monday. */
export const dayName = (day: Day) =>
  new Date(2024, 0, DAYS.indexOf(day) + 1).toLocaleDateString(getLocale() === 'ru' ? 'ru-RU' : 'en-GB', {
    weekday: 'short',
  });

/** "Mon Tue 09:00–18:00". */
export const hoursText = ({ days, from, to }: MenuHours) => `${days.map(dayName).join(' ')} ${from}–${to}`;
