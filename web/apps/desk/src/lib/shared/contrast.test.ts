import { expect, it } from 'vitest';
import { contrastWithWhite } from './contrast';

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
