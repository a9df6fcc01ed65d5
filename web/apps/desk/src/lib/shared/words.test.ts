import type { Message } from '@otklik/api';
import { afterEach, expect, it } from 'vitest';
import ru from '../../../messages/ru.json' with { type: 'json' };
import { i18n } from './i18n.svelte';
import { eventText, labelText } from './words';

afterEach(() => (i18n.locale = 'ru'));

it('a label is told in the language of the desk, and in Russian where it has no other', () => {
  expect(labelText({ ru: 'Подобрать', en: 'Choose' })).toBe('Подобрать');
  i18n.locale = 'en';
  expect(labelText({ ru: 'Подобрать', en: 'Choose' })).toBe('Choose');
  expect(labelText({ ru: 'Подобрать', en: null })).toBe('Подобрать');
});

it('a scenario that the site called is told by its name, where the line has one', () => {
  const called = (label: string) =>
    eventText(
      { content: { event: { code: 'scenario.called', data: { label } } } } as unknown as Message,
      String,
    );
  expect(called('Помощь')).toBe(ru.event_scenario_called_name.replace('{name}', 'Помощь'));
  expect(called('scn_0196f3a2c1d07f3ea1b2c3d4e5f60718')).toBe(ru.event_scenario_called);
});
