import { expect, it } from 'vitest';
import { partsOf, placeholdersOf, withDefault } from './template';

const TEXT = '{{name}}, лампы в подарок. Привезём: {{city|ваш город}}.';

it('knows the fields of a text and their defaults', () => {
  expect(placeholdersOf(`${TEXT} {{city}}`)).toEqual([
    { key: 'name', fallback: '' },
    { key: 'city', fallback: 'ваш город' },
  ]);
});

it('sets and takes away a default, everywhere at once', () => {
  expect(withDefault('{{a}} и {{a|б}}', 'a', 'в')).toBe('{{a|в}} и {{a|в}}');
  expect(withDefault('{{a|б}}', 'a', ' ')).toBe('{{a}}');
  expect(withDefault('{{a}}', 'a', 'в}}|г')).toBe('{{a|вг}}');
});

it('finds a client’s values in his text, and the line below', () => {
  expect(partsOf(TEXT, 'Марина, лампы в подарок. Привезём: Екатеринбург.\n\nОтветьте «стоп»')).toEqual([
    { text: 'Марина', kind: 'value' },
    { text: ', лампы в подарок. Привезём: ', kind: 'words' },
    { text: 'Екатеринбург', kind: 'value' },
    { text: '.', kind: 'words' },
    { text: 'Ответьте «стоп»', kind: 'line' },
  ]);
});

it('claims nothing of a text that is not of this template', () => {
  expect(partsOf(TEXT, 'Другое')).toEqual([{ text: 'Другое', kind: 'words' }]);
});
