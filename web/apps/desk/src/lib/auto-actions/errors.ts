import { ApiError } from '@otklik/api';
import { words, type Explained } from '@otklik/ui';
import { m } from '$lib/paraglide/messages';

/** A list is one control: what is wrong with its second item is said under the list. */
const AT_LIST = /\.(suggest_ids|fields)\.\d+$/;

/** What the server found, each at the control where it can be mended. The whole says that there is something to look at. */
export function explainRule(error: unknown): Explained {
  const told = words().explain(error);
  const errors = Object.fromEntries(
    Object.entries(told.errors).map(([path, text]) => {
      const place = path.replace(/^auto_actions\.0\./, '').replace(AT_LIST, '.$1');
      return [place, text];
    }),
  );
  const [first] = Object.values(errors);
  return { ...told, errors, text: first ? m.aa_look_below({ problem: first }) : told.text };
}

/** The first thing wrong at a place or deeper in it. */
export function errorUnder(errors: Record<string, string>, path: string): string {
  return errors[path] ?? Object.entries(errors).find(([place]) => place.startsWith(`${path}.`))?.[1] ?? '';
}

/** Whether an answer of the checker is about the document that was asked, and not about the question. */
export const isAboutDraft = (error: unknown) =>
  error instanceof ApiError && error.errors.some(({ path }) => path.startsWith('auto_actions'));
