import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Refresher } from './refresher';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('answers a burst once, and an endless stream all the same', async () => {
  const refresh = vi.fn(() => Promise.resolve());
  const refresher = new Refresher(refresh, 500);
  for (let event = 0; event < 10; event += 1) refresher.soon();
  await vi.advanceTimersByTimeAsync(600);
  expect(refresh).toHaveBeenCalledTimes(1);
  for (let event = 0; event < 30; event += 1) {
    refresher.soon();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(refresh.mock.calls.length).toBeGreaterThan(4);
});

it('waits for an answer under way, and asks once more for what came meanwhile', async () => {
  let answer = () => {};
  const refresh = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)));
  const refresher = new Refresher(refresh, 500);
  refresher.soon();
  await vi.advanceTimersByTimeAsync(500);
  refresher.soon();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(refresh).toHaveBeenCalledTimes(1);
  answer();
  await vi.advanceTimersByTimeAsync(500);
  expect(refresh).toHaveBeenCalledTimes(2);
});

it('asks nothing after it was stopped', async () => {
  const refresh = vi.fn(() => Promise.resolve());
  const refresher = new Refresher(refresh, 500);
  refresher.soon();
  refresher.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(refresh).not.toHaveBeenCalled();
});
