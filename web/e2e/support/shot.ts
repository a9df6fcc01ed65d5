import type { Page } from 'playwright-core';
import type { Look } from './looks';

const FOLDER = process.env.OTKLIK_SHOTS;

/** A picture for whoever wants to look: OTKLIK_SHOTS names the folder. */
export async function shot(page: Page, name: string, options: { fullPage?: boolean } = {}) {
  if (FOLDER) await page.screenshot({ path: `${FOLDER}/${name}.png`, ...options });
}

/** A look as pictures are named by it. */
export const lookName = ({ locale, dark, width }: Look) => `${locale}-${dark ? 'dark' : 'light'}-${width}`;
