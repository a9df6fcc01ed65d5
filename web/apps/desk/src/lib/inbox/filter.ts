import type { Order, SavedView, ViewQuery } from '@otklik/api';
import type { Folder } from '@otklik/api';

/** What the rows of the list have in common beside their folder; an empty one narrows nothing. */
export interface ListFilter {
  channel: string;
  tag: string;
  /** A user's id, `me`, `nobody`. */
  assignee: string;
  /** Clients that wait so many minutes, or longer. */
  waiting: number | null;
  field: string;
  value: string;
  /** Of the one project that is listed; null for all. */
  department_id: string | null;
}

export const NO_FILTER: ListFilter = {
  channel: '',
  tag: '',
  assignee: '',
  waiting: null,
  field: '',
  value: '',
  department_id: null,
};

/** Minutes of waiting on offer. */
export const WAITS = [5, 15, 60, 240, 1440];

export const narrowings = ({ channel, tag, assignee, waiting, field, department_id }: ListFilter): number =>
  [channel, tag, assignee, waiting, field, department_id].filter(Boolean).length;

/** The parameters of the list. */
export const filterQuery = ({ waiting, ...words }: ListFilter) => ({
  ...Object.fromEntries(Object.entries(words).map(([key, word]) => [key, word || undefined])),
  waiting_minutes: waiting ?? undefined,
});

/** What a list shows: all that a view keeps. */
export interface Listing {
  folder: Folder;
  order: Order;
  filter: ListFilter;
}

export const viewQuery = ({ folder, order, filter: { waiting, ...words } }: Listing): ViewQuery => ({
  folder,
  order,
  ...words,
  waiting_minutes: waiting,
});

export function listingOf({ query }: SavedView): Listing {
  const { folder, order, waiting_minutes, ...words } = query;
  return { folder, order, filter: { ...words, waiting: waiting_minutes } };
}

/** Whether a view is what the list shows now. */
export const isSame = (a: Listing, b: Listing): boolean =>
  JSON.stringify(sorted(viewQuery(a))) === JSON.stringify(sorted(viewQuery(b)));

const sorted = (query: ViewQuery) => Object.entries(query).sort(([a], [b]) => a.localeCompare(b));
