import { describe, expect, it } from 'vitest';
import { lastDays, readAsked, readListed, writeQuery } from './asked';

const NOW = Date.parse('2026-11-29T22:30:00Z');
const asked = (query: string) => readAsked(new URLSearchParams(query), 'Europe/Moscow', NOW);

describe('the address of a report', () => {
  it('counts days by the project’s clocks', () => {
    expect(lastDays(1, 'Europe/Moscow', NOW)).toEqual({ from: '2026-11-30', to: '2026-11-30' });
    expect(lastDays(7, 'UTC', NOW)).toEqual({ from: '2026-11-23', to: '2026-11-29' });
  });

  it('is a week by operator unless it says otherwise', () => {
    expect(asked('')).toEqual({ period: 'week', from: '2026-11-24', to: '2026-11-30', by: 'operator' });
    expect(asked('period=century&by=weather').period).toBe('week');
    const own = { period: 'own', from: '2026-01-01', to: '2026-02-01', by: 'page' };
    expect(asked('from=2026-01-01&to=2026-02-01&by=page')).toEqual(own);
    expect(asked('from=2026-01-01').period).toBe('week');
  });

  it('keeps the number that is open', () => {
    const listed = { which: 'missed' as const, key: '', weekday: null, hour: null };
    const query = writeQuery(asked('period=today'), listed);
    expect(query).toBe('?period=today&by=operator&list=missed&key=');
    expect(readListed(new URLSearchParams(query))).toEqual(listed);
    expect(readListed(new URLSearchParams('list=all&weekday=0&hour=23'))).toEqual({
      which: 'all',
      key: null,
      weekday: 0,
      hour: 23,
    });
    expect(readListed(new URLSearchParams('list=weather'))).toBeNull();
  });
});
