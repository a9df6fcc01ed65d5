import { ALL, type Filter } from './report.svelte';

const KEYS = Object.keys(ALL) as (keyof Filter)[];

/** The filter in the address of the page: it outlives a reload and can be sent to a colleague. */
export const readFilter = (params: URLSearchParams): Filter =>
  KEYS.reduce((filter, key) => ({ ...filter, [key]: params.get(key) ?? '' }), ALL);

/** The same as the end of an address; nothing where nothing is asked for. */
export function writeFilter(filter: Filter): string {
  const params = new URLSearchParams(KEYS.filter((key) => filter[key]).map((key) => [key, filter[key]]));
  return params.size > 0 ? `?${params}` : '';
}
