import { beforeAll, describe, expect, it } from 'vitest';
import { findEmoji, GROUPS, loadEmoji, withRecent, type EmojiData } from './emoji';

let data: EmojiData;
beforeAll(async () => {
  data = await loadEmoji();
});

const found = (query: string) => findEmoji(data, query).map(({ id }) => id);

describe('emoji', () => {
  it('stand in groups, each once and named in both languages', () => {
    const all = GROUPS.flatMap((group) => data[group]);
    expect(all.length).toBeGreaterThan(800);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ names }) => !names.ru || !names.en)).toEqual([]);
  });

  it('are found by words of either language, by their beginnings', () => {
    expect(found('сердце')).toContain('❤️');
    expect(found('heart')).toContain('❤️');
    expect(found('серд')).toContain('❤️');
    expect(found('red heart')[0]).toBe('❤️');
    expect(found('👍')).toEqual(['👍️']);
    expect(found('такого нет')).toEqual([]);
  });

  it('that were used last come first', () => {
    expect(withRecent(['👍', '❤️'], '❤️')).toEqual(['❤️', '👍']);
    expect(
      withRecent(
        Array.from({ length: 30 }, (_, index) => String(index)),
        'x',
      ),
    ).toHaveLength(24);
  });
});
