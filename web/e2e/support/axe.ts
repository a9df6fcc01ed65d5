import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Found {
  id: string;
  impact: string;
  nodes: { target: unknown[]; failureSummary: string }[];
}

const JUDGED = ['moderate', 'serious', 'critical'];

/**
 * Findings of axe, in words: grave ones, and the order of headings, landmarks, the title of a page. `judged` says which
 * are asked for where somebody else draws the page.
 */
export async function axeFindings(page: Page, judged: readonly string[] = JUDGED): Promise<string[]> {
  await atRest(page);
  // Through the debugger: the desk's policy lets no foreign script in, and should not.
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(o: object): Promise<{ violations: Found[] }> } };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    // What is drawn over the page for a moment belongs to no landmark, as a browser's own menus do not.
    const overlay = '[data-bits-floating-content-wrapper], [role=menu], [role=listbox], [role=tooltip]';
    const isOverlay = (target: string) => document.querySelector(target)?.closest(overlay);
    return violations.map((one) =>
      one.id === 'region'
        ? { ...one, nodes: one.nodes.filter(({ target }) => !isOverlay(target.join(' '))) }
        : one,
    );
  });
  return found
    .filter(({ impact }) => judged.includes(impact))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    );
}

/** Nothing has come or gone for a while: a row replaced under axe's hands has no name any more. */
async function atRest(page: Page) {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const end = () => {
          watcher.disconnect();
          clearTimeout(latest);
          clearTimeout(calm);
          resolve();
        };
        const watcher = new MutationObserver(() => {
          clearTimeout(calm);
          calm = setTimeout(end, 400);
        });
        const latest = setTimeout(end, 5_000);
        let calm = setTimeout(end, 400);
        watcher.observe(document, { subtree: true, childList: true });
      }),
  );
}
