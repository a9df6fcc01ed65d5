const EVERY_MS = 40;

type Nothing = null | undefined | false | 0 | '';

/** Waits for a thing to become true and gives it back. The only clock of this suite: nothing sleeps for a fixed time. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  timeoutMs = 20_000,
): Promise<Exclude<T, Nothing>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found) return found as Exclude<T, Nothing>;
      last = found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}; last seen: ${String(last)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
