import { luminance } from '../loader/colour';

const LIGHT = { surface: '#ffffff', text: '#1c2024', line: '#8b8d98' };
const DARK = { surface: '#18191b', text: '#edeef0', line: '#696e77' };

/**
 * Any brand must stay readable: as text it needs 4.5 against the panel, as an outline 3. Where it has less, our own
 * greys take its place. Measured for both themes, because a colour that passes on white may vanish on black.
 */
export function brandRules(brand: string): string {
  const rules = (theme: typeof LIGHT) => {
    const contrast = contrastOf(brand, theme.surface);
    const text = contrast >= 4.5 ? brand : theme.text;
    const line = contrast >= 3 ? brand : theme.line;
    return `:host{--ok-brand-text:${text};--ok-brand-line:${line}}`;
  };
  return `${rules(LIGHT)}@media (prefers-color-scheme:dark){${rules(DARK)}}`;
}

export function contrastOf(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}
