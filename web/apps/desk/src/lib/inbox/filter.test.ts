import type { SavedView } from '@otklik/api';
import { describe, expect, it } from 'vitest';
import { filterQuery, isSame, listingOf, narrowings, NO_FILTER, viewQuery, type Listing } from './filter';

const listing: Listing = {
  folder: 'new',
  order: 'waiting',
  filter: { ...NO_FILTER, tag: 'VIP', waiting: 15, field: 'city', value: 'Пермь' },
};

describe('a narrowed list', () => {
  it('asks for what it is narrowed by, and for nothing else', () => {
    expect(filterQuery(listing.filter)).toEqual({
      channel: undefined,
      tag: 'VIP',
      assignee: undefined,
      field: 'city',
      value: 'Пермь',
      waiting_minutes: 15,
    });
    expect(narrowings(listing.filter)).toBe(3);
    expect(narrowings(NO_FILTER)).toBe(0);
  });

  it('is the same when a view has kept it', () => {
    const view = { query: viewQuery(listing) } as SavedView;
    expect(isSame(listingOf(view), listing)).toBe(true);
    expect(isSame(listingOf(view), { ...listing, order: 'newest' })).toBe(false);
    expect(isSame(listingOf(view), { ...listing, filter: { ...listing.filter, value: '' } })).toBe(false);
  });
});
