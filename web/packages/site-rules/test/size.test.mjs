import { expect, it } from 'vitest';
import { brotliSize, bundle } from '../bundle.mjs';

it('is small enough for a lazy chunk of the widget', { timeout: 30_000 }, async () => {
  const code = await bundle();
  expect(brotliSize(code)).toBeLessThan(3 * 1024);
  expect(code, 'it asks the page nothing by itself').not.toMatch(
    /document|window|location|localStorage|Date\.|Intl/,
  );
});
