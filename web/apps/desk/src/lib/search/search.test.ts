import { describe, expect, it } from 'vitest';
import { isFiltered, queryOf, readAsked, writeAsked } from './asked';
import { pieces } from './marked';

describe('what is looked for', () => {
  it('lives in the address', () => {
    const asked = readAsked(new URLSearchParams('q=счёт&kind=message&from=2026-01-02&tag=опт'));
    expect(readAsked(new URLSearchParams(writeAsked(asked)))).toEqual(asked);
    expect(isFiltered(asked)).toBe(true);
    expect(isFiltered(readAsked(new URLSearchParams('q=a')))).toBe(false);
  });

  it('forgets what nobody can have chosen', () => {
    expect(readAsked(new URLSearchParams('kind=people&from=yesterday&to=2026-13-40'))).toMatchObject({
      kind: '',
      from: '',
      to: '',
    });
  });

  it('is asked for whole days of the reader', () => {
    const asked = readAsked(new URLSearchParams('q=a&from=2026-01-02&to=2026-01-02'));
    const { from, to } = queryOf(asked, ['message']);
    expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(86_400_000);
  });
});

describe('what was found', () => {
  it('is marked by characters, not by halves of them', () => {
    expect(pieces('👍 счёт готов', [[2, 6]])).toEqual([
      { text: '👍 ', found: false },
      { text: 'счёт', found: true },
      { text: ' готов', found: false },
    ]);
    expect(pieces('да', [])).toEqual([{ text: 'да', found: false }]);
    expect(pieces('да', [[0, 9]])).toEqual([{ text: 'да', found: true }]);
  });
});
