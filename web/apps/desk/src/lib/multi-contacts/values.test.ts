import type { MultiContactSettings, ValueState } from '@otklik/api';
import { expect, it } from 'vitest';
import { helpfulLimit } from './values.svelte';

const settings = { hub_limit: 25 } as MultiContactSettings;
const value = (values: Partial<ValueState> = {}): ValueState => ({
  field: 'contract',
  value: 'x',
  holders: 27,
  state: 'suspended',
  parts: [{ field: 'contract', value: 'x' }],
  guard: 'hub',
  ...values,
});
const rule = (hub_limit: number | null, ...fields: string[]) => ({ fields, hub_limit });

it('offers the number of holders where the limit of the project holds a value back', () => {
  expect(helpfulLimit(value(), [rule(null, 'contract')], settings)).toBe(27);
  const parts = [
    { field: 'name', value: 'a' },
    { field: 'city', value: 'b' },
  ];
  expect(helpfulLimit(value({ parts }), [rule(null, 'city', 'name')], settings)).toBe(27);
});

it('offers nothing where raising the limit of the project would change nothing', () => {
  expect(helpfulLimit(value(), [rule(5, 'contract')], settings)).toBeNull();
  expect(helpfulLimit(value({ guard: 'size' }), [rule(null, 'contract')], settings)).toBeNull();
  expect(helpfulLimit(value(), [rule(null, 'contract')], { ...settings, hub_limit: 30 })).toBeNull();
  expect(helpfulLimit(value(), [rule(null, 'contract')], { ...settings, hub_limit: null })).toBeNull();
});
