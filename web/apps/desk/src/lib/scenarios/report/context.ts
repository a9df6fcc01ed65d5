import { getContext, setContext } from 'svelte';
import type { Names } from '../words';
import type { Report } from './report.svelte';

interface Around {
  readonly report: Report;
  names: Names;
  /** Shows the people behind a number. */
  open: (block: string, exit: string) => void;
}

const KEY = Symbol('scenario report');

/** Cards are made by the library; what they need of the page comes this way. */
export const provideReport = (around: Around) => setContext(KEY, around);
export const reportAround = () => getContext<Around>(KEY);
