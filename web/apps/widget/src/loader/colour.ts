/** WCAG relative luminance of `#rrggbb`. */
export function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The brand comes from settings and goes into a style sheet: only a plain colour may pass. */
export function safeBrand(brand: string): string {
  return /^#[\da-f]{6}$/i.test(brand) ? brand : '#5b5bd6';
}

/** White where it reads (4.5 or more), else the darkest grey. */
export function onBrand(brand: string): string {
  return 1.05 / (luminance(brand) + 0.05) >= 4.5 ? '#fff' : '#1c2024';
}
