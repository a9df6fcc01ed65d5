import { expect, it } from 'vitest';
import { readList } from './list';

it('takes one value a line, and numbers the lines as they stand', () => {
  expect(readList('+7 912 555-03-18\n\n@olga_v\n@OLGA_V\n')).toEqual([
    { row: 1, value: '+7 912 555-03-18' },
    { row: 3, value: '@olga_v' },
  ]);
});

it('takes the column of a table that names people, without its heading', () => {
  expect(readList('Имя;Почта\nОльга;olga@example.org\nТимур;timur@example.org')).toEqual([
    { row: 2, value: 'olga@example.org' },
    { row: 3, value: 'timur@example.org' },
  ]);
});

it('keeps the only line, whatever it is', () => {
  expect(readList('кто-то')).toEqual([{ row: 1, value: 'кто-то' }]);
  expect(readList(' \n')).toEqual([]);
});
