import { afterEach, describe, expect, it } from 'vitest';
import { setLocale } from '$lib/paraglide/runtime';
import { titleOf } from './fieldTitles';

describe('titles of fields', () => {
  afterEach(() => setLocale('ru', { reload: false }));

  it('calls a built-in field in the language of the reader', () => {
    const phone = { key: 'phone', title: 'Мобильный телефон', built_in: true };
    expect(titleOf(phone)).toBe('Мобильный телефон');
    setLocale('en', { reload: false });
    expect(titleOf(phone)).toBe('Mobile phone');
  });

  it('leaves what the company wrote itself', () => {
    setLocale('en', { reload: false });
    expect(titleOf({ key: 'phone', title: 'Телефон для курьера', built_in: true })).toBe(
      'Телефон для курьера',
    );
    expect(titleOf({ key: 'name_2', title: 'Имя', built_in: false })).toBe('Имя');
  });
});
