import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Autosave } from './autosave';

let saved: number;
let release: () => void;
let autosave: Autosave;

beforeEach(() => {
  vi.useFakeTimers();
  saved = 0;
  release = () => {};
  autosave = new Autosave(() => {
    saved += 1;
    return new Promise<void>((resolve) => (release = resolve));
  });
});
afterEach(() => vi.useRealTimers());

describe('edits that are saved by themselves', () => {
  it('are saved once, a little after the last of them', async () => {
    autosave.soon();
    await vi.advanceTimersByTimeAsync(500);
    autosave.soon();
    await vi.advanceTimersByTimeAsync(500);
    expect(saved).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(saved).toBe(1);
  });

  it('wait for the saving that is under way', async () => {
    autosave.soon();
    const first = autosave.now();
    autosave.soon();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved).toBe(1);
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(saved).toBe(2);
    release();
    await first;
    expect(saved).toBe(2);
  });

  it('are not saved where there are none, nor after stopping', async () => {
    await autosave.now();
    autosave.soon();
    autosave.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(saved).toBe(0);
  });
});
