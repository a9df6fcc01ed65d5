import { beforeAll, describe, expect, it } from 'vitest';
import { overwriteGetLocale } from '$lib/paraglide/runtime';
import type { SiteVisitor } from '@otklik/api';
import { countryName, linkTo, pathOf, sourceOf } from './words';

beforeAll(() => overwriteGetLocale(() => 'ru'));

const page = { url: 'https://www.fern.example/lamps', title: '', since: '' };
const from = (rest: Partial<SiteVisitor>) => sourceOf({ utm: {}, referrer: null, page, ...rest });

describe('where a visitor comes from', () => {
  it('is the advertisement, with what is known of it', () => {
    expect(from({ utm: { source: 'yandex' } })).toBe('yandex');
    expect(from({ utm: { source: 'yandex', medium: 'cpc', campaign: 'Лампы' } })).toBe(
      'yandex / cpc · Лампы',
    );
    expect(from({ utm: { campaign: 'Лампы' }, referrer: 'https://ya.ru/' })).toBe('Лампы');
  });

  it('is the site with the link otherwise, but never the site itself', () => {
    expect(from({ referrer: 'https://www.google.com/search?q=1' })).toBe('google.com');
    expect(from({ referrer: 'https://fern.example/' })).toBe('Прямой заход');
    expect(from({ referrer: 'javascript:alert(1)' })).toBe('Прямой заход');
    expect(from({})).toBe('Прямой заход');
  });
});

it('names a country, and shows what is none as it is', () => {
  expect([countryName('KZ'), countryName('<b>')]).toEqual(['Казахстан', '<b>']);
});

it('shows of an address what tells pages apart, whatever it is', () => {
  expect(pathOf('https://fern.example/%D0%BB%D0%B0%D0%BC%D0%BF%D1%8B?q=1#top')).toBe('/лампы?q=1');
  expect(pathOf('https://fern.example/%E0%A4%A')).toBe('/%E0%A4%A');
  expect(pathOf('<script>')).toBe('<script>');
});

it('follows pages and nothing else', () => {
  expect(linkTo('https://fern.example/')).toBe('https://fern.example/');
  for (const address of ['javascript:alert(1)', ' https://x', 'data:text/html,x', 'file:///etc/passwd'])
    expect(linkTo(address)).toBeNull();
});
