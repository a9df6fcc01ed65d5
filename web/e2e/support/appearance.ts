import type { Page } from 'playwright-core';

type Member = Record<string, unknown>;

/** The site's answer with other members in it, as if the owner had published them. */
export async function withConfig(page: Page, appearance: Member, top: Member = {}) {
  await page.route('**/w/v1/config?**', async (route) => {
    const response = await route.fetch();
    const config = (await response.json()) as Member & { appearance: Member };
    const json = { ...config, ...top, appearance: { ...config.appearance, ...appearance } };
    await route.fulfill({ response, json });
  });
}
