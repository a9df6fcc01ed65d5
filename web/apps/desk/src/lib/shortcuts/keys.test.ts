import { describe, expect, test } from 'vitest';
import {
  bindings,
  COMMANDS,
  holderOf,
  isSingle,
  isTaken,
  keysOf,
  label,
  pressOf,
  USUAL,
  withKeys,
} from './keys';

const press = (code: string, key: string, held: Partial<KeyboardEvent> = {}) =>
  pressOf({ code, key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });

/** What the keys of a standard keyboard give in Russian. */
const RUSSIAN: Record<string, string> = Object.fromEntries(
  [...'QWERTYUIOPASDFGHJKLZXCVBNM'].map((letter, index) => [
    `Key${letter}`,
    [...'йцукенгшщзфывапролдячсмить'][index] ?? '',
  ]),
);

describe('a press', () => {
  test('is the same key in Latin and in Cyrillic, for every usual key', () => {
    for (const command of COMMANDS) {
      for (const one of USUAL[command].flatMap((key) => key.split(' '))) {
        const code = one.split('+').at(-1) ?? '';
        const held = { altKey: one.includes('Alt'), shiftKey: one.includes('Shift') };
        expect(press(code, RUSSIAN[code] ?? '.', held), `${command}: ${one}`).toBe(one);
        const latin = code.replace('Key', '').toLowerCase();
        if (code.startsWith('Key')) expect(press(code, latin, held)).toBe(one);
      }
    }
  });

  test('is the letter that people read on another Latin layout', () => {
    expect(press('KeyQ', 'a')).toBe('KeyA');
    expect(press('KeyJ', '∆', { altKey: true })).toBe('Alt+KeyJ');
  });

  test('is none of a modifier, of AltGr and of the system', () => {
    expect(press('ShiftLeft', 'Shift', { shiftKey: true })).toBeNull();
    expect(press('KeyE', '€', { getModifierState: (name: string) => name === 'AltGraph' })).toBeNull();
    expect(press('KeyE', 'e', { metaKey: true })).toBeNull();
  });
});

test('no two usual keys clash', () => {
  for (const command of COMMANDS) {
    for (const key of USUAL[command]) expect(holderOf(key, command, {}), key).toBeNull();
  }
  const all = COMMANDS.flatMap((command) => USUAL[command]);
  expect([...bindings({}).keys()].toSorted()).toEqual(all.toSorted());
});

test('a clash is named: the same key, and one that begins another', () => {
  expect(holderOf('KeyE', 'assign', {})).toBe('close');
  expect(holderOf('KeyG', 'assign', {})).toBe('go_inbox');
  expect(holderOf('KeyE KeyA', 'assign', {})).toBe('close');
  expect(holderOf('KeyE', 'assign', { close: ['KeyQ'] })).toBeNull();
});

test('what is chosen goes before what is usual, and what is unknown is left alone', () => {
  const own = { assign: ['KeyE'], from_the_future: ['KeyJ'] };
  expect(bindings(own).get('KeyE')).toBe('assign');
  expect(bindings(own).get('Alt+KeyE')).toBe('close');
  expect(bindings(own).get('KeyJ')).toBe('next');
  expect(bindings(own).has('KeyA')).toBe(false);
  expect(withKeys(own, 'assign', USUAL.assign)).toEqual({ from_the_future: ['KeyJ'] });
  expect(withKeys({}, 'close', [])).toEqual({ close: [] });
  expect(keysOf('escape', { escape: ['KeyQ'] })).toEqual(['Escape']);
});

test('what moves about the page or belongs to the browser is nobody’s', () => {
  for (const key of ['Tab', 'Shift+Tab', 'Enter', 'Space', 'ArrowDown', 'Mod+KeyW', 'Escape', 'Shift+Slash'])
    expect(isTaken(key), key).toBe(true);
  for (const key of ['KeyQ', 'Alt+KeyQ', 'Mod+Shift+KeyE', 'KeyG KeyQ', 'Digit3'])
    expect(isTaken(key), key).toBe(false);
});

test('single keys are told from chords', () => {
  expect(['KeyJ', 'Shift+KeyX', 'KeyG KeyI', 'Slash'].every(isSingle)).toBe(true);
  expect(['Alt+KeyJ', 'Mod+Shift+KeyE', 'Mod+KeyE', 'Escape'].some(isSingle)).toBe(false);
});

test('keys are shown as they stand on the keyboard', () => {
  expect(['KeyJ', 'Alt+Digit1', 'KeyG KeyI', 'Slash', 'Escape', 'Mod+Shift+KeyE'].map(label)).toEqual([
    'J',
    'Alt+1',
    'G I',
    '/',
    'Esc',
    'Ctrl+Shift+E',
  ]);
});
