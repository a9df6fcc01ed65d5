import { expect, it } from 'vitest';
import { contrastWithWhite, inkContrast, inkOn } from './contrast';

it('knows the ends of the scale', () => {
  expect(contrastWithWhite('#000000')).toBeCloseTo(21, 1);
  expect(contrastWithWhite('#ffffff')).toBeCloseTo(1, 2);
});

it('gives the accent its published ratio', () => {
  expect(contrastWithWhite('#5b5bd6')).toBeCloseTo(5.4, 1);
});

it('refuses anything else than #rrggbb', () => {
  expect(contrastWithWhite('red')).toBeNull();
});

it('draws dark on a light colour, and can tell it apart there', () => {
  expect(inkOn('#2f5d4a')).toBe('#fff');
  expect(inkOn('#f5d76e')).toBe('#1c2024');
  expect(inkContrast('#f5d76e')).toBeGreaterThan(3);
  expect(inkContrast('#2f5d4a')).toBeCloseTo(7.5, 1);
  expect(inkContrast('f5d76e')).toBeNull();
});
