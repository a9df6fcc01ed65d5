import { expect, it } from 'vitest';
import { lastDays } from './period';

it('a week has seven days, today among them, by UTC', () => {
  const now = Date.parse('2026-11-01T00:30:00+03:00');
  expect(lastDays('week', now)).toEqual({ from: '2026-10-25', to: '2026-10-31' });
});
