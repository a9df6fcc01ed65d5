import { describe, expect, it } from 'vitest';
import { mentionBefore, mentionsIn, namedBy, partsOf } from './mention';

const people = [
  { id: '1', name: 'Анна Лиственная' },
  { id: '2', name: 'Анна' },
  { id: '3', name: 'Борис Ёлкин' },
];

describe('an @ in a note', () => {
  const at = (text: string) => mentionBefore(text, text.length);
  it('asks for colleagues where a word begins', () => {
    expect(at('@')).toEqual({ start: 0, query: '' });
    expect(at('Спроси @Бор')).toEqual({ start: 7, query: 'Бор' });
    expect(at('@Борис Ёл')).toEqual({ start: 0, query: 'Борис Ёл' });
    expect(at('a@b')).toBeNull();
    expect(at('@Борис Ёлкин, да')).toBeNull();
  });

  it('finds them by any word of the name', () => {
    expect(namedBy('елк', people).map(({ id }) => id)).toEqual(['3']);
    expect(namedBy('анна л', people).map(({ id }) => id)).toEqual(['1']);
    expect(namedBy('', people)).toHaveLength(3);
  });
});

describe('whom a note names', () => {
  it('is read from its text, the longest name first', () => {
    expect(mentionsIn('@Анна Лиственная, глянь', people)).toEqual(['1']);
    expect(mentionsIn('@Анна, @Борис Ёлкин: оба', people)).toEqual(['2', '3']);
  });

  it('is nobody whose name is only part of a word, or has no @', () => {
    expect(mentionsIn('@Аннабель и Анна', people)).toEqual([]);
  });

  it('is told apart from the words around', () => {
    expect(partsOf('Привет, @Анна!', ['Анна'])).toEqual([
      { text: 'Привет, ', named: false },
      { text: '@Анна', named: true },
      { text: '!', named: false },
    ]);
  });
});
