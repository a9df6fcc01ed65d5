import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Identity } from '../src/calls/identity';

const NOW = Date.parse('2026-11-29T10:00:00Z');

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => vi.useRealTimers());

/** A token of the site's server that ends so many minutes from now. */
const tokenOf = (minutes: number, sub = 'A-17') => {
  const body = { sub, exp: Math.floor(Date.now() / 1000) + minutes * 60 };
  return `e30.${btoa(JSON.stringify(body)).replace(/=/g, '')}.c2ln`;
};

describe('who the visitor is', () => {
  it('a token is told as it is, and nobody is asked for another', async () => {
    const tell = vi.fn();
    new Identity(tell).is('not a JWT', undefined);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(tell.mock.calls).toEqual([['not a JWT']]);
  });

  it('the site is asked again a minute before the end, and again before the next end', async () => {
    const tell = vi.fn();
    const refresh = vi.fn(async () => tokenOf(10));
    new Identity(tell).is(tokenOf(5), refresh);
    await vi.advanceTimersByTimeAsync(4 * 60_000 - 1000);
    expect(refresh).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2000);
    expect([refresh.mock.calls.length, tell.mock.calls.length]).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('a function alone is asked at once, and after a failure again', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const tell = vi.fn();
    const refresh = vi.fn().mockRejectedValueOnce(new Error('offline')).mockResolvedValue(tokenOf(60));
    new Identity(tell).is(undefined, refresh);
    await vi.advanceTimersByTimeAsync(0);
    expect(tell).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(tell).toHaveBeenCalledOnce();
    expect(warn).toHaveBeenCalledOnce();
  });

  it('nothing is asked for somebody who has left, not even when the answer was on its way', async () => {
    const tell = vi.fn();
    let answer = (_: string) => {};
    const identity = new Identity(tell);
    identity.is(undefined, () => new Promise((resolve) => (answer = resolve)));
    identity.stop();
    answer(tokenOf(60));
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(tell).not.toHaveBeenCalled();
  });

  it('a token that is always at its end is not asked for without a pause', async () => {
    const refresh = vi.fn(async () => tokenOf(0));
    new Identity(vi.fn()).is(undefined, refresh);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(refresh.mock.calls.length).toBeLessThan(6);
  });
});
