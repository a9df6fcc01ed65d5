/** What publishing would change, told by blocks and not by lines. */

import { edgeId } from './document';
import type { Block, FlowDocument } from './document';

export interface Change {
  block: Block;
  /** Names of the settings that differ; `title` and `exits` among them. */
  what: string[];
}

export interface Difference {
  added: Block[];
  removed: Block[];
  changed: Change[];
  launches: boolean;
  settings: boolean;
}

export const isSame = (difference: Difference): boolean =>
  difference.added.length + difference.removed.length + difference.changed.length === 0 &&
  !difference.launches &&
  !difference.settings;

/** Where a block stands on the canvas is nobody's business but the editor's. */
export function compare(before: FlowDocument, after: FlowDocument): Difference {
  const old = new Map(before.blocks.map((block) => [block.id, block]));
  const now = new Set(after.blocks.map(({ id }) => id));
  const oldExits = exitsByBlock(before);
  const newExits = exitsByBlock(after);
  return {
    added: after.blocks.filter(({ id }) => !old.has(id)),
    removed: before.blocks.filter(({ id }) => !now.has(id)),
    changed: after.blocks.flatMap((block) => {
      const was = old.get(block.id);
      if (!was) return [];
      const what = differences(was, block);
      if (oldExits.get(block.id) !== newExits.get(block.id)) what.push('exits');
      return what.length > 0 ? [{ block, what }] : [];
    }),
    launches: canonical(before.launch) !== canonical(after.launch),
    settings: canonical(before.settings) !== canonical(after.settings),
  };
}

function differences(was: Block, block: Block): string[] {
  const what: string[] = [];
  if (was.type !== block.type) what.push('type');
  if ((was.title ?? '') !== (block.title ?? '')) what.push('title');
  const [old, now] = [was.settings, block.settings] as Record<string, unknown>[];
  const names = new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})]);
  for (const name of names) if (canonical(old?.[name]) !== canonical(now?.[name])) what.push(name);
  return what;
}

function exitsByBlock(document: FlowDocument): Map<string, string> {
  const exits = new Map<string, string[]>();
  for (const edge of document.edges) {
    const [block] = edge.from;
    exits.set(block, [...(exits.get(block) ?? []), `${edgeId(edge)} ${edge.to}`]);
  }
  return new Map([...exits].map(([block, ways]) => [block, ways.sort().join('\n')]));
}

/** JSON with the keys in order: a server may write them in another one. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ) ?? ''
  );
}
