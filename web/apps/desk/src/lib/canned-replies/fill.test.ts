import { describe, expect, it } from 'vitest';
import { filled, holeIn } from './fill';

const fill = (text: string, values: Record<string, string> = {}) =>
  filled(text, { valueOf: (key) => values[key] ?? null, titleOf: (key) => (key === 'city' ? 'Город' : key) });

describe('a canned reply', () => {
  it('has the values of the client in their places', () => {
    expect(fill('{{ name }}, это {{operator.name}}!', { name: 'Анна', 'operator.name': 'Борис' })).toBe(
      'Анна, это Борис!',
    );
    expect(fill('{{name|друг}}, привет')).toBe('друг, привет');
    expect(fill('{{name|{друг}}}, привет')).toBe('{друг}, привет');
  });

  it('reads no value again', () => {
    expect(fill('{{name}}', { name: '{{phone}}', phone: '1' })).toBe('{{phone}}');
  });

  it('has a hole where there is no value, whatever the client wrote', () => {
    expect(fill('Едем в {{city}}')).toBe('Едем в ⟨Город⟩');
    expect(fill('Едем в {{city}}', { city: ' ' })).toBe('Едем в ⟨Город⟩');
    expect(fill('{{name}}', { name: '⟨я⟩' })).toBe('‹я›');
    expect(fill('{{}}')).toBe('⟨?⟩');
  });

  it('keeps what is no field', () => {
    expect(fill('a {{ b')).toBe('a {{ b');
  });
});

describe('a hole', () => {
  it('is found behind a place first, then from the beginning', () => {
    const text = '⟨Имя⟩, ваш город ⟨Город⟩?';
    expect(holeIn(text)).toEqual({ start: 0, end: 5, title: 'Имя' });
    expect(holeIn(text, 5)?.title).toBe('Город');
    expect(holeIn(text, text.length)?.title).toBe('Имя');
    expect(holeIn('ничего')).toBeNull();
    expect(holeIn('⟨\n⟩ ⟨⟩')).toBeNull();
  });
});
