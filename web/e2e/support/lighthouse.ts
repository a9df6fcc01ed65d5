import lighthouse, { type Flags, type Result } from 'lighthouse';

export const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'] as const;
export type Category = (typeof CATEGORIES)[number];

/** Lighthouse lost the trace of the load: nothing is known of the page, and it asks to be run again. */
const NOT_RECORDED = ['NO_NAVSTART', 'NO_TRACING_STARTED', 'NO_FCP'];
const TRIES = 3;

/** Lighthouse's own defaults, a slow phone on a slow line, by the browser that listens on this port. */
export async function lighthouseOf(url: string, port: number, blockedUrlPatterns: string[] = []) {
  const options: Flags = { port, logLevel: 'error', onlyCategories: [...CATEGORIES], blockedUrlPatterns };
  for (let left = TRIES - 1; ; left -= 1) {
    const ran = await lighthouse(url, options);
    if (!ran) throw new Error(`Lighthouse has no answer about ${url}`);
    const { runtimeError } = ran.lhr;
    if (!runtimeError) return ran.lhr;
    if (!left || !NOT_RECORDED.includes(runtimeError.code))
      throw new Error(`Lighthouse at ${url}: ${runtimeError.message}`);
  }
}

/** 0 to 100, as people read it. */
export function scoreOf(lhr: Result, category: Category): number {
  const score = lhr.categories[category]?.score;
  if (typeof score !== 'number') throw new Error(`Lighthouse gave no score for ${category}`);
  return Math.round(score * 100);
}

interface Item {
  url?: string;
  transferSize?: number;
}

/** The rows of an audit's table, where it has one. */
export function rowsOf(lhr: Result, audit: string): Item[] {
  const found = lhr.audits[audit];
  if (!found) throw new Error(`Lighthouse has no audit ${audit}`);
  const { details } = found;
  return details && 'items' in details ? (details.items as Item[]) : [];
}

/** Why an audit of this category is not whole, by its name; what only informs has no weight and is left out. */
export function faultsOf(lhr: Result, category: Category): string[] {
  const refs = lhr.categories[category]?.auditRefs ?? [];
  return refs.flatMap(({ id, weight }) => {
    const { score, title } = lhr.audits[id]!;
    return weight > 0 && score !== null && score < 1 ? [`${id}: ${title}`] : [];
  });
}
