/** What a failed call says to a person. */
export interface Explained {
  text: string;
  /** What is wrong with single fields, by path: `settings.token`. */
  errors: Record<string, string>;
  /** The reader may not see it, or not do it: asking again will not help. */
  isForbidden: boolean;
  /** What the administrator finds the call by; empty where no server has answered. */
  request: string;
}

/** What these components say by themselves, in the reader's language. */
export interface Words {
  close: () => string;
  loading: () => string;
  retry: () => string;
  failed: () => string;
  noAccess: () => string;
  noAccessText: () => string;
  nothingFound: () => string;
  nothingFoundText: () => string;
  clearFilters: () => string;
  explain: (error: unknown) => Explained;
}

let spoken: Words | undefined;

/** Called once, before anything is drawn. The words themselves may change with the language at any time. */
export function speak(words: Words) {
  spoken = words;
}

export function words(): Words {
  if (!spoken) throw new Error('no words: speak() must be called before anything is drawn');
  return spoken;
}
