/** Names in the order in which they must be looked for: most browsers call themselves by several. */
const BROWSERS: [RegExp, string][] = [
  [/YaBrowser\//, 'Яндекс Браузер'],
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux|X11/, 'Linux'],
];

const named = (said: string, names: [RegExp, string][]) => names.find(([sign]) => sign.test(said))?.[1];

/** What a browser said it is, in two words; what has no words is shown as it was said, and nothing as nothing. */
export function deviceText(said: string): string {
  const known = [named(said, BROWSERS), named(said, SYSTEMS)].filter((name) => name !== undefined);
  return known.length > 0 ? known.join(', ') : said.slice(0, 60);
}

export const isPhone = (said: string) => /iPhone|iPad|Android|Mobile/.test(said);
