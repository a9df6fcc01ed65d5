import { expect, it } from 'vitest';
import { commandOf } from './keys';

const press = (key: string, code: string, marks: Partial<KeyboardEvent> = {}) =>
  commandOf({ key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...marks });
const ctrl = { ctrlKey: true };

it.each([
  ['z', 'KeyZ', 'undo'],
  // Russian: the letter is no Latin one, the place tells.
  ['я', 'KeyZ', 'undo'],
  // German: the letter tells, and the place would be wrong.
  ['z', 'KeyY', 'undo'],
  ['y', 'KeyZ', 'redo'],
  ['ы', 'KeyS', 'save'],
  ['в', 'KeyD', 'duplicate'],
  ['ф', 'KeyA', 'all'],
  ['а', 'KeyF', 'find'],
])('Ctrl+%s on %s is %s', (key, code, command) => {
  expect(press(key, code, ctrl)).toBe(command);
});

it('knows the keys without Ctrl in both languages', () => {
  expect(press('L', 'KeyL', { shiftKey: true })).toBe('tidy');
  expect(press('Д', 'KeyL', { shiftKey: true })).toBe('tidy');
  expect(press('а', 'KeyF')).toBe('fit');
  expect(press('+', 'Equal', { shiftKey: true })).toBe('zoom_in');
  expect(press('-', 'Minus')).toBe('zoom_out');
  expect(press('Z', 'KeyZ', { ...ctrl, shiftKey: true })).toBe('redo');
  expect(press('Enter', 'Enter', ctrl)).toBe('test');
});

it('leaves everything else alone', () => {
  for (const key of ['q', 'ц', '1', 'F5', 'Tab', ' ']) expect(press(key, key)).toBeNull();
  expect(press('z', 'KeyZ')).toBeNull();
  expect(press('Backspace', 'Backspace', { shiftKey: true })).toBeNull();
  expect(press('a', 'KeyA', { ...ctrl, shiftKey: true })).toBeNull();
  expect(press('ArrowLeft', 'ArrowLeft', { altKey: true })).toBeNull();
});
