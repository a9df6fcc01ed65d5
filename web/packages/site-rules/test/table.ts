import { readFileSync } from 'node:fs';
import type { Asked, Facts, RuleSet, Shown, Situation, Start, Stop } from '../src';
import { pageFacts } from '../src';

/** A line of the table of cases, compiled by the server's side (crates/site-rules/tests/it/recorded.rs). */
export interface Recorded {
  name: string;
  set: RuleSet;
  facts: Facts;
  /** Whether what the page says of itself is found here. */
  page?: boolean;
  visitor?: string;
  now: number;
  answers?: boolean[];
  holds?: boolean;
  start?: Start;
  openDialog?: boolean;
  visitSince?: number;
  shown?: Shown[];
  chosen?: string | null;
  stopped?: Record<string, Stop[]>;
}

const path = new URL('../../../../crates/site-rules/recorded.json', import.meta.url);
export const table = JSON.parse(readFileSync(path, 'utf8')) as Recorded[];

/** What a page would ask. */
export function askedOf({ set, facts, page, now, visitor }: Recorded): Asked {
  const own = page ? pageFacts(facts.page_url as string) : {};
  return { set, facts: { ...own, ...facts }, now, visitor };
}

/** When it would ask. */
export function situationOf(recorded: Recorded): Situation {
  const { start, openDialog, visitSince, shown = [] } = recorded;
  return { ...askedOf(recorded), start, openDialog, visitSince, shown };
}
