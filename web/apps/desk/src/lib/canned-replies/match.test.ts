import type { CannedReply } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { matching, slashBefore } from './match';

const at = (text: string) => slashBefore(text, text.length);

describe('a slash', () => {
  it('asks for canned replies where a word begins', () => {
    expect(at('/')).toEqual({ start: 0, query: '' });
    expect(at('Да /опл')).toEqual({ start: 3, query: 'опл' });
    expect(at('Да\n/x')).toEqual({ start: 3, query: 'x' });
    expect(slashBefore('/опл и ещё', 4)).toEqual({ start: 0, query: 'опл' });
  });

  it('is left alone in an address, a date and a fraction', () => {
    for (const text of ['https:/', 'https://a.example/x', '/home/anna', 'и/или', '1/2', '/опл ', 'слово'])
      expect(at(text), text).toBeNull();
  });
});

const reply = (shortcut: string, title: string, text = '', folder = ''): CannedReply => ({
  id: shortcut + title,
  shortcut,
  title,
  text,
  folder,
  shared: true,
  gone_fields: [],
  created_at: '',
  updated_at: '',
});

describe('what a query finds', () => {
  const all = [
    reply('d', 'Доставка', 'Привезём завтра', 'Заказы'),
    reply('opl', 'Оплата', 'Картой или по счёту'),
    reply('', 'Ещё раз оплата'),
  ];
  const found = (query: string) => matching(all, query).map(({ title }) => title);

  it('is found by shortcut, title, folder and text, the nearest first', () => {
    expect(found('')).toEqual(['Доставка', 'Оплата', 'Ещё раз оплата']);
    expect(found('opl')).toEqual(['Оплата']);
    expect(found('ОПЛ')).toEqual(['Оплата', 'Ещё раз оплата']);
    expect(found('заказ')).toEqual(['Доставка']);
    expect(found('счету')).toEqual(['Оплата']);
    expect(found('нет такого')).toEqual([]);
  });
});
