import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { BrowserContext } from 'playwright-core';

const source = await readFile(createRequire(import.meta.url).resolve('jsqr/dist/jsQR.js'), 'utf8');

type Read = (
  pixels: Uint8ClampedArray,
  width: number,
  height: number,
  options: { inversionAttempts: 'dontInvert' },
) => { data: string } | null;

export interface Picture {
  width: number;
  height: number;
  /** What a reader makes of it; null when it finds no code. */
  text: string | null;
}

/** As large as a code in a camera's picture: more would only be slower to read. */
const SEEN = 360;

/** Reads the QR code in a picture as a camera would: the browser draws it, a library that somebody else wrote decodes it. */
export async function readQr(
  context: BrowserContext,
  file: Buffer,
  mime: 'image/png' | 'image/svg+xml',
): Promise<Picture> {
  const page = await context.newPage();
  await page.evaluate(source);
  const picture = await page.evaluate(
    async ([address, side]) => {
      const image = new Image();
      image.src = address;
      await image.decode();
      const paper = new OffscreenCanvas(side, side).getContext('2d')!;
      paper.drawImage(image, 0, 0, side, side);
      const { jsQR } = window as unknown as { jsQR: Read };
      const { data } = paper.getImageData(0, 0, side, side);
      // Many cameras do not see light codes on dark.
      const found = jsQR(data, side, side, { inversionAttempts: 'dontInvert' });
      return { width: image.naturalWidth, height: image.naturalHeight, text: found?.data ?? null };
    },
    [`data:${mime};base64,${file.toString('base64')}`, SEEN] as const,
  );
  await page.close();
  return picture;
}
