import { expect, it } from 'vitest';
import type { Document, Member } from './document';
import { addressOf, askedFacts, factsOf } from './question';

const about = (...all: Member[]) => [{ conditions: { all } } as unknown as Document];

it('asks for what the conditions look at, but for what the address and the clock say', () => {
  const documents = about(
    { fact: 'page_path', op: 'is', value: '/' },
    { fact: 'time', op: 'within', value: { days: ['mon'], from: '09:00', to: '18:00' } },
    { fact: 'query.promo', op: 'is_filled' },
    { fact: 'visits', op: 'at_least', value: 2 },
    {
      any: [
        { fact: 'tag', op: 'has', value: 'x' },
        { fact: 'visits', op: 'at_most', value: 9 },
      ],
    },
    { fact: 'event.', op: 'at_least', value: 1 },
  );
  expect(askedFacts(documents)).toEqual([
    { fact: 'visits', kind: 'number' },
    { fact: 'tag', kind: 'tag' },
  ]);
});

it('tells what was typed in the form that the fact has', () => {
  const asked = [
    { fact: 'visits', kind: 'number' },
    { fact: 'returning', kind: 'flag' },
    { fact: 'exit_intent', kind: 'flag' },
    { fact: 'tag', kind: 'tag' },
    { fact: 'field.phone', kind: 'field' },
    { fact: 'referrer', kind: 'text' },
  ] as const;
  const typed = { visits: '3', returning: 'no', tag: 'vip, лето', 'field.phone': '8 912', referrer: ' ' };
  expect(factsOf(asked, typed)).toEqual({
    visits: 3,
    returning: false,
    tag: ['vip', 'лето'],
    'field.phone': ['8 912'],
  });
});

it('takes an address as people write it', () => {
  expect(addressOf(' shop.ru/sale ')).toBe('https://shop.ru/sale');
  expect(addressOf('http://shop.ru')).toBe('http://shop.ru');
});
