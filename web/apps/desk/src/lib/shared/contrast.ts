/** What the widget falls back to where a colour is none. */
export const OWN_BRAND = '#5b5bd6';
const DARK_INK = '#1c2024';
const READABLE = 4.5;

/** WCAG 2 contrast of white on a colour written as #rrggbb; null when it is no such colour. */
export function contrastWithWhite(hex: string): number | null {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (!match) return null;
  const [r = 0, g = 0, b = 0] = match.slice(1).map((part) => {
    const share = parseInt(part, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (luminance + 0.05);
}

/** Whether white can be read on a colour. */
export const isReadable = (hex: string): boolean => (contrastWithWhite(hex) ?? 0) >= READABLE;

/** What is drawn on a colour: white, or dark where white cannot be read. */
export const inkOn = (hex: string): string => (isReadable(hex) ? '#fff' : DARK_INK);

/** Of what is drawn on a colour with the colour itself; null when it is none. */
export function inkContrast(hex: string): number | null {
  const white = contrastWithWhite(hex);
  if (white === null || isReadable(hex)) return white;
  return (contrastWithWhite(DARK_INK) ?? 21) / white;
}
