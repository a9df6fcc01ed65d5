/** How a person sees a screen: language, theme, and width in CSS pixels. */
export interface Look {
  locale: 'ru' | 'en';
  dark: boolean;
  width: number;
}

/** Of a desktop; issues ask for 1440, too. */
const WIDE = Number(process.env.OTKLIK_LOOKS_WIDE ?? 1280);

const ALL: Look[] = (['ru', 'en'] as const).flatMap((locale) =>
  [false, true].flatMap((dark) => [WIDE, 390].map((width) => ({ locale, dark, width }))),
);

/** Four of the eight in which every two of language, theme and width still meet: a fault of a screen comes of one or two of them. */
const PAIRS = ALL.filter(({ locale, dark, width }) => (locale === 'en') === (dark === (width === WIDE)));

/** The looks a screen is judged in. The usual run takes four of them, `OTKLIK_LOOKS=all` all eight. */
export const LOOKS = process.env.OTKLIK_LOOKS === 'all' ? ALL : PAIRS;
