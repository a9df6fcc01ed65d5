/** What can be seen only in the whole document: groups that no way leads to, and ways round without a wait. */

import { isWaiting } from '../blocks';
import type { Block, FlowDocument } from '../document';

type Ways = Map<string, string[]>;

function waysOf(document: FlowDocument): Ways {
  const ways: Ways = new Map(document.blocks.map(({ id }) => [id, []]));
  for (const { from, to } of document.edges) ways.get(from[0])?.push(to);
  for (const { id, type, settings } of document.blocks)
    if (type === 'jump') ways.get(id)?.push(settings.target);
  return ways;
}

/** Blocks that some launch leads to. */
export function reached(document: FlowDocument): Set<string> {
  const ways = waysOf(document);
  const seen = new Set(document.launch.map(({ to }) => to));
  for (const id of seen) for (const to of ways.get(id) ?? []) seen.add(to);
  return seen;
}

const OUTSIDE = new Set(['delay', 'http', 'external', 'transfer']);
const waits = (block: Block): boolean => isWaiting(block) || OUTSIDE.has(block.type);

/** Blocks on a way round, or between two of them, on which nothing is waited for. */
export function endless(document: FlowDocument): Set<string> {
  const all = waysOf(document);
  const ways: Ways = new Map(
    document.blocks.map((block) => [block.id, waits(block) ? [] : (all.get(block.id) ?? [])]),
  );
  const leadsOn = withoutEnds(ways);
  return new Set(withoutEnds(turned(leadsOn)).keys());
}

/** Takes away what leads nowhere, then what led only there, and so on. */
function withoutEnds(ways: Ways): Ways {
  const into = turned(ways);
  const left = new Map([...ways].map(([id, to]) => [id, to.length]));
  const ends = [...ways.keys()].filter((id) => left.get(id) === 0);
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    left.delete(end);
    for (const from of into.get(end) ?? []) {
      const count = (left.get(from) ?? 0) - 1;
      left.set(from, count);
      if (count === 0) ends.push(from);
    }
  }
  const rest = [...ways].filter(([id]) => left.has(id));
  return new Map(rest.map(([id, to]) => [id, to.filter((one) => left.has(one))]));
}

function turned(ways: Ways): Ways {
  const back: Ways = new Map([...ways.keys()].map((id) => [id, []]));
  for (const [id, to] of ways) for (const one of to) back.get(one)?.push(id);
  return back;
}
