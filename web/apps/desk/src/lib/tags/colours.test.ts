import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COLOURS, keyOf } from './colours';

const UI = new URL('../../../../../packages/ui/src/', import.meta.url);
const RADIX = new URL('../../../../../node_modules/@radix-ui/colors/', import.meta.url);
const READABLE = 4.5;

const tokens = readFileSync(new URL('tokens.css', UI), 'utf8');

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(hex.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** What a token of a tag is, light or dark. */
function colourOf(token: string, isDark: boolean): string {
  const [, scale, step] = new RegExp(`${token}: var\\(--([a-z]+)-(\\d+)\\)`).exec(tokens) ?? [];
  const css = readFileSync(new URL(`${scale}${isDark ? '-dark' : ''}.css`, RADIX), 'utf8');
  const hex = new RegExp(`--${scale}-${step}: (#[0-9a-f]{6});`).exec(css)?.[1];
  if (!hex) throw new Error(`${token} is no colour`);
  return hex;
}

test('every colour of a tag can be read, light and dark', () => {
  for (const colour of COLOURS) {
    for (const isDark of [false, true]) {
      const [back, ink] = [`--ok-tag-${colour}`, `--ok-tag-${colour}-text`].map((token) =>
        luminance(colourOf(token, isDark)),
      );
      const [light, dark] = [Math.max(back!, ink!), Math.min(back!, ink!)];
      expect((light + 0.05) / (dark + 0.05), `${colour}, dark: ${isDark}`).toBeGreaterThanOrEqual(READABLE);
    }
  }
});

test('every colour has its look', () => {
  const base = readFileSync(new URL('base.css', UI), 'utf8');
  for (const colour of COLOURS) expect(base).toContain(`.ok-tag[data-colour='${colour}']`);
});

test('a tag is one word however it is written', () => {
  for (const [one, other] of [
    ['VIP', 'vip'],
    ['Счёт', 'счет'],
    ['ＶＩＰ', 'vip '],
  ])
    expect(keyOf(one!)).toBe(keyOf(other!));
});
