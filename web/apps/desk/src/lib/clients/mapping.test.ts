import type { Field } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { doubled, guessTargets, isField } from './mapping';

const field = (key: string, title: string, multi = false) => ({ key, title, multi }) as Field;
const fields = [field('name', 'Имя'), field('phone', 'Мобильный телефон', true)];
const EXPORT = ['external_id', 'id', 'channel', 'multi_contact_id', 'created_at', 'name', 'phone'];

describe('where columns go', () => {
  it('takes the id of our own export', () => {
    expect(guessTargets(EXPORT, fields)).toEqual(['external_id', 'id', '', '', '', 'name', 'phone']);
  });

  it('leaves an id of somebody else alone', () => {
    expect(guessTargets(['id', 'Имя'], fields)).toEqual(['', 'name']);
    expect(guessTargets(['external_id', 'id', 'channel', 'name'], fields)).toEqual([
      'external_id',
      '',
      '',
      'name',
    ]);
  });

  it('gives a field to the first of two columns', () => {
    expect(guessTargets(['имя', 'name'], fields)).toEqual(['name', '']);
  });

  it('knows the usual headers', () => {
    const known = [...fields, field('email', 'E-mail', true)];
    expect(guessTargets(['Телефон', 'Почта', 'Имя', 'Город'], known)).toEqual(['phone', 'email', 'name', '']);
    expect(guessTargets(['Ф.И.О.', 'Моб. телефон', 'Эл. почта', 'ID клиента'], known)).toEqual([
      'name',
      'phone',
      'email',
      'external_id',
    ]);
    expect(guessTargets(['Full name', 'Phone number', 'E-mail address'], known)).toEqual([
      'name',
      'phone',
      'email',
    ]);
    // What is called exactly as a field comes first, wherever it stands.
    expect(guessTargets(['Телефон', 'Мобильный телефон'], known)).toEqual(['', 'phone']);
    // A field that the project does not have is no target.
    expect(guessTargets(['Почта'], fields)).toEqual(['']);
  });

  it('knows that ids are no fields, and which target is given twice', () => {
    expect(['', 'id', 'external_id', 'phone'].filter(isField)).toEqual(['phone']);
    expect(doubled(['id', 'id'], fields)?.title).toBe('id');
    expect(doubled(['phone', 'phone'], fields)).toBeNull();
  });
});
