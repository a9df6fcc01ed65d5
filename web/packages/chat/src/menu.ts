/** Menu buttons as the widget draws them; the desk's preview asks the same questions. */

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];
export type Device = 'desktop' | 'phone' | 'tablet';

/** In the time zone of the project. */
export interface MenuHours {
  days: Day[];
  from: string;
  to: string;
}

/** `from` counts and `to` does not; over midnight the span belongs to the day it began; equal ends are the whole day. */
export function isWithinHours({ days, from, to }: MenuHours, timeZone: string, now: Date): boolean {
  const { day, time } = clockIn(timeZone, now);
  const isToday = days.includes(day);
  if (from === to) return isToday;
  if (from < to) return isToday && from <= time && time < to;
  const dayBefore = DAYS[(DAYS.indexOf(day) + 6) % 7]!;
  return (isToday && from <= time) || (days.includes(dayBefore) && time < to);
}

function clockIn(timeZone: string, now: Date): { day: Day; time: string } {
  const parts = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  // "Sat, 20:15": British English, whatever the visitor speaks.
  const text = new Intl.DateTimeFormat('en-GB', { ...parts, timeZone }).format(now);
  return { day: text.slice(0, 3).toLowerCase() as Day, time: text.slice(-5) };
}

/** A finger on a small screen is a phone, on a large one a tablet. */
export function currentDevice(): Device {
  if (!matchMedia('(pointer:coarse)').matches) return 'desktop';
  return Math.min(screen.width, screen.height) < 600 ? 'phone' : 'tablet';
}

/** No device named means all of them. */
export function isForDevice(devices: readonly string[], device: Device): boolean {
  return !devices.length || devices.includes(device);
}

/** Our set: one path each, on a grid of 24, stroked. */
export const MENU_PICTURES = {
  chat: 'M12 4a8 8 0 1 1-4 15l-4 1 1-4a8 8 0 0 1 7-12Z',
  phone: 'M15 14.5 13.5 16A12 12 0 0 1 8 10.5L9.5 9 8 4H4a1 1 0 0 0-1 1 16 16 0 0 0 16 16 1 1 0 0 0 1-1v-4Z',
  mail: 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm-1 2 9 6 9-6',
  telegram: 'm21 4-3 16-6-5-3 4-1-6-6-2Zm0 0L8 13',
  whatsapp: 'M12 4a8 8 0 1 1-4 15l-4 1 1-4a8 8 0 0 1 7-12ZM9 9v1a5 5 0 0 0 5 5h1',
  vk: 'M3 7c0 6 3 10 8 10V7m0 5c4 0 6-2 7-5m-5 5c3 0 6 2 7 5',
  viber:
    'M6 4h12a3 3 0 0 1 3 3v6a3 3 0 0 1-3 3h-5l-4 4v-4H6a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3ZM9 8v1a4 4 0 0 0 4 4h1m-1-5a3 3 0 0 1 2 2',
  instagram:
    'M8 3h8a5 5 0 0 1 5 5v8a5 5 0 0 1-5 5H8a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5Zm4 5a4 4 0 1 1 0 8 4 4 0 0 1 0-8m5-1h0',
  robot: 'M7 8h10a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-5a3 3 0 0 1 3-3Zm5 0V4M9 13v1m6-1v1',
  question: 'M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0ZM9 10a3 3 0 1 1 4 2l-1 2m0 3h0',
  cart: 'M2 4h3l3 11h9l3-8H6m3 13h0m8 0h0',
  gift: 'M4 12v8h16v-8M3 8h18v4H3Zm9 0v12m0-12C7 8 7 3 9 3s3 3 3 5c0-2 1-5 3-5s2 5-3 5',
  calendar: 'M5 5h14a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm-1 5h16M8 3v4m8-4v4',
  star: 'm12 3 3 6 6 1-5 4 2 6-6-3-6 3 2-6-5-4 6-1Z',
  document: 'M14 3H6v18h12V7Zm0 0v4h4m-9 5h6m-6 4h6',
  link: 'M10 13a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1m2 6a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
} as const;

export type MenuPicture = keyof typeof MENU_PICTURES;

/** What stands for a kind that has no picture of its own chosen. */
export function pictureOf(kind: string, channel?: string): MenuPicture {
  const own = { scenario: 'robot', callback: 'phone', event: 'star' } as Record<string, string>;
  const name = channel ?? own[kind] ?? kind;
  return (name in MENU_PICTURES ? name : 'link') as MenuPicture;
}
