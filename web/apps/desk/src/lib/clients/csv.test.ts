import { describe, expect, it } from 'vitest';
import { parseHead, readHead } from './csv';

describe('the head of a table', () => {
  it('reads a semicolon table with quotes, breaks and a mark', () => {
    const text = '\uFEFFимя;"адрес, дом";тел\r\n"Анна ""А""";"ул. Мира;\n5";1\r\nИван;;2\r\n';
    expect(parseHead(text, 5)).toEqual({
      header: ['имя', 'адрес, дом', 'тел'],
      rows: [
        ['Анна "А"', 'ул. Мира;\n5', '1'],
        ['Иван', '', '2'],
      ],
    });
  });

  it('stops after the rows asked for and bears a cut last one', () => {
    expect(parseHead('a,b\n1,2\n3,4\n5,"6', 2).rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(parseHead('', 2)).toEqual({ header: [], rows: [] });
  });

  it('tells UTF-8 from what spreadsheets on Russian Windows save', async () => {
    const cyrillic = new Uint8Array([0xc8, 0xec, 0xff]);
    expect(await readHead(new Blob([cyrillic]))).toEqual({ text: 'Имя', encoding: 'windows-1251' });
    expect((await readHead(new Blob(['Имя'])))?.encoding).toBe('utf-8');
    expect(await readHead(new Blob([new Uint8Array([1, 0, 2])]))).toBeNull();
  });
});
