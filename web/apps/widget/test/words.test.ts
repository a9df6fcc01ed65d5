import { describe, expect, it, vi } from 'vitest';
import { onBrand, safeBrand } from '../src/loader/colour';
import { Events } from '../src/loader/events';
import { launcherLabel, pickLocale } from '../src/loader/words';
import { brandRules, contrastOf } from '../src/panel/brand';
import { rowsOf } from '../src/panel/rows';
import { from, within } from '../src/extras/reply';
import { dayAndTime, fileSize, wordsOf } from '../src/panel/words';
import { mergeMessages } from '../src/core/thread';
import type { Locale } from '../src/contract';
import type { Shell } from '../src/shell';
import { message, talk } from './fakes';

describe('words', () => {
  it('both languages have the same keys', () => {
    expect(Object.keys(wordsOf('en'))).toEqual(Object.keys(wordsOf('ru')));
  });

  it('counts unread in Russian', () => {
    const counted = [1, 2, 11, 21].map((unread) => launcherLabel('ru', false, unread).split(', ')[1]);
    expect(counted).toEqual(['1 непрочитанное', '2 непрочитанных', '11 непрочитанных', '21 непрочитанное']);
  });

  it('says how soon in both languages', () => {
    const soon = (locale: Locale, reply_minutes: number | null) =>
      within({ locale, config: { reply_minutes } } as Shell);
    expect([1, 3, 5, 21, 60, 90].map((minutes) => soon('ru', minutes))).toEqual([
      'обычно отвечает за 1 минуту',
      'обычно отвечает за 3 минуты',
      'обычно отвечает за 5 минут',
      'обычно отвечает за 21 минуту',
      'обычно отвечает за 1 час',
      'обычно отвечает за 2 часа',
    ]);
    expect(soon('en', 1)).toBe('usually replies in 1 minute');
    expect(soon('ru', null)).toBeUndefined();
  });

  it('says when the team comes back, as long as that is to come', () => {
    vi.useFakeTimers({ now: new Date('2026-11-29T08:00:00') });
    const back = (locale: Locale, opens_at: string | null) => from({ locale, config: { opens_at } } as Shell);
    expect(back('ru', '2026-11-29T10:00:00')).toBe('Ответим: сегодня, 10:00');
    expect(back('ru', '2026-11-30T10:00:00')).toBe('Ответим: понедельник, 10:00');
    expect(back('en', '2026-11-30T10:00:00')).toMatch(/^We reply: Monday, 10:00\sAM$/);
    expect(back('ru', '2026-11-29T07:59:00')).toBeUndefined();
    expect(back('ru', null)).toBeUndefined();
    vi.useRealTimers();
  });

  it('takes the setting, then the page’s wish, then its language', () => {
    expect(pickLocale('en', 'ru')).toBe('en');
    expect(pickLocale('auto', 'en-GB')).toBe('en');
    expect(pickLocale('auto')).toBe('ru');
  });

  it('names days and sizes', () => {
    const now = new Date('2026-11-22T12:00:00');
    expect(dayAndTime('ru', '2026-11-22T09:08:00', now)).toBe('Сегодня, 09:08');
    expect(dayAndTime('ru', '2026-11-21T23:59:00', now)).toBe('Вчера, 23:59');
    expect(dayAndTime('ru', '2026-11-02T09:08:00', now)).toBe('2 ноября, 09:08');
    expect(fileSize('ru', 248_000)).toBe('248 КБ');
    expect(fileSize('en', 1_500_000)).toBe('1.5 MB');
  });
});

describe('brand', () => {
  it('only a plain colour enters the style sheet', () => {
    expect(safeBrand('red;}body{display:none')).toBe('#5b5bd6');
    expect(safeBrand('#2f5d4a')).toBe('#2f5d4a');
  });

  it('stays readable whatever the colour', () => {
    expect(onBrand('#2f5d4a')).toBe('#fff');
    expect(onBrand('#ffd60a')).toBe('#1c2024');
    expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21);
    const [light] = brandRules('#ffd60a').split('@media');
    expect(light).toContain('--ok-brand-text:#1c2024;--ok-brand-line:#8b8d98');
  });
});

describe('events', () => {
  it('the source product’s names are ours', async () => {
    const events = new Events();
    const heard = vi.fn();
    events.on('operatorSendMessage', heard);
    events.emit('message', 1);
    await Promise.resolve();
    events.off('message', heard);
    events.emit('message', 2);
    await Promise.resolve();
    expect(heard.mock.calls).toEqual([[1]]);
  });

  it('whoever comes after the load is told at once', () => {
    const events = new Events();
    const heard = vi.fn();
    events.emit('ready');
    events.on('fullyLoaded', heard);
    expect(heard).toHaveBeenCalledOnce();
  });
});

describe('rows', () => {
  const ours = (seq: number) => message(seq, { author: { kind: 'client' } });
  const viewOf = (rest: object) => ({ ...talk().session.view, ...rest });

  it('the word stands under the newest of ours only, and read covers everything before it', () => {
    const view = viewOf({ messages: [ours(1), ours(2), message(3)], readSeq: 2 });
    expect(rowsOf(view, false).map((row) => row.status)).toEqual([null, 'read', null]);
    expect(rowsOf({ ...view, readSeq: 1 }, false).map((row) => row.status)).toEqual([null, 'sent', null]);
  });

  it('a refused one keeps its word while later ones go on', () => {
    const entry = {
      client_id: 'a',
      text: 'x',
      attachments: [],
      order: 2e12,
      state: 'failed' as const,
      detail: 'no',
    };
    const view = viewOf({
      messages: [ours(1)],
      entries: [entry, { ...entry, client_id: 'b', state: 'queued' }],
    });
    expect(rowsOf(view, true).map((row) => row.status)).toEqual([null, 'notSent', 'queued']);
  });

  it('unchanged messages give the same rows', () => {
    const view = viewOf({ messages: [ours(1), message(2)] });
    const [first] = rowsOf(view, false);
    const more = { ...view, messages: mergeMessages(view.messages, [message(3)]) };
    expect(rowsOf(more, false)[0]).toBe(first);
  });

  it('buttons that lead anywhere but to an address are not links', () => {
    const buttons = [
      ['javascript:alert(1)', 'https://shop.example'].map((url, i) => ({
        id: `${i}`,
        label: 'x',
        kind: 'url',
        url,
      })),
    ];
    const [row] = rowsOf(viewOf({ messages: [message(1, { content: { buttons } })] }), false);
    expect(row!.links.map((link) => link.url)).toEqual(['https://shop.example']);
  });
});
