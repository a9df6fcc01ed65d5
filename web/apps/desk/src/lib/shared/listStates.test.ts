import { ApiError } from '@otklik/api';
import { List } from '@otklik/ui';
import { createRawSnippet, type ComponentProps } from 'svelte';
import { render } from 'svelte/server';
import { beforeAll, describe, expect, it } from 'vitest';
import { overwriteGetLocale, type Locale } from '$lib/paraglide/runtime';
import { lendWords } from './uiWords';

const children = createRawSnippet(() => ({ render: () => '<ul>rows</ul>' }));
const empty = { title: 'Nobody yet' };

function textOf(props: Partial<ComponentProps<typeof List>>): string {
  const { body } = render(List, { props: { items: null, empty, children, ...props } });
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

const refused = new ApiError(403, { code: 'forbidden' });
const failed = new ApiError(0, {});

beforeAll(lendWords);

describe.each<[Locale, Record<'loading' | 'none' | 'clear' | 'failed' | 'retry' | 'refused', string>]>([
  [
    'ru',
    {
      loading: 'Загрузка',
      none: 'Ничего не нашлось',
      clear: 'Сбросить фильтры',
      failed: 'Не получилось загрузить',
      retry: 'Повторить',
      refused: 'Нет доступа',
    },
  ],
  [
    'en',
    {
      loading: 'Loading',
      none: 'Nothing found',
      clear: 'Clear filters',
      failed: 'Could not load this',
      retry: 'Retry',
      refused: 'No access',
    },
  ],
])('a list in %s', (locale, say) => {
  beforeAll(() => overwriteGetLocale(() => locale));

  it('says that it is on its way', () => {
    expect(textOf({ items: null })).toContain(say.loading);
    expect(textOf({ items: null, place: 'line' })).toBe(say.loading);
  });

  it('says that there is nothing at all in the words of its page', () => {
    expect(textOf({ items: [] })).toBe('Nobody yet');
    expect(textOf({ items: [], place: 'card' })).toBe('Nobody yet');
  });

  it('says that nothing was found, and offers the way out', () => {
    const text = textOf({ items: [], onclear: () => {} });
    expect(text).toContain(say.none);
    expect(text).toContain(say.clear);
  });

  it('says what failed, and offers to try again', () => {
    const text = textOf({ items: null, error: failed });
    expect(text).toContain(say.failed);
    expect(text).toContain(say.retry);
    expect(textOf({ items: null, error: failed, place: 'line' })).toContain(say.retry);
  });

  it('says that it is not for this reader, and offers nothing', () => {
    const text = textOf({ items: null, error: refused });
    expect(text).toContain(say.refused);
    expect(text).not.toContain(say.retry);
    expect(textOf({ items: null, error: refused, place: 'line' })).toBe(say.refused);
  });

  it('shows what there is', () => {
    expect(textOf({ items: [1] })).toBe('rows');
  });
});
