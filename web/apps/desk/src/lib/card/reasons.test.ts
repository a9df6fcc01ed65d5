import type { WhyReason } from '@otklik/api';
import { beforeAll, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { explain, type Words } from './reasons';

beforeAll(() => overwriteGetLocale(() => 'ru'));

const words: Words = {
  name: (id) => `@${id}`,
  fieldTitle: (key) => ({ phone: 'Телефон', city: 'Город' })[key] ?? key,
  ruleNumber: (id) => (id === 'rul_1' ? 1 : null),
};

it('puts the reasons of one rule together, and one line for several fields of a contact', () => {
  const reasons: WhyReason[] = [
    { reason: 'value', rule: 'rul_1', field: 'phone', contact: 'ivan', problem: 'empty' },
    { reason: 'value', rule: 'rul_1', field: 'city', contact: 'ivan', problem: 'empty' },
    { reason: 'value', rule: 'rul_1', field: 'city', contact: 'olga', problem: 'placeholder' },
  ];
  expect(explain(reasons, words)).toEqual([
    {
      title: 'Правило 1',
      lines: ['у @ivan не заполнено: «Телефон», «Город»', 'у @olga прочерк или заглушка: «Город»'],
    },
  ]);
});

it('keeps a decision by hand apart from the rules, and says when a rule is gone', () => {
  const reasons: WhyReason[] = [
    { reason: 'override', override_id: 'ovr_1', contact: 'ivan' },
    { reason: 'hub', rule: 'rul_2', values: ['ОПТ-0001'], contacts: 27, limit: 20 },
  ];
  expect(explain(reasons, words)).toEqual([
    { title: 'Решение вручную', lines: ['канал @ivan отделён вручную'] },
    {
      title: 'Правило, которого уже нет',
      lines: ['ОПТ-0001 указан у 27 клиентов, лимит 20: такое значение никого не объединяет'],
    },
  ]);
});
