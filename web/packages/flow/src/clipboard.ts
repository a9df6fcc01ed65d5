/** Blocks on their way to another place, as text of our own that carries its version. */

import { isBlockType } from './blocks';
import { snap } from './commands';
import { nextNumber, readBlock, readEdge } from './document';
import type { Block, Edge, FlowDocument, Point } from './document';

const MARK = 'flow-blocks';
const VERSION = 1;

/** Where blocks are from: ids of one project mean nothing in another. */
export interface Origin {
  project: string;
  scenario: string;
}

export interface Clip extends Origin {
  blocks: Block[];
  edges: Edge[];
}

const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Blocks with the edges between them. */
export function take(document: FlowDocument, ids: readonly string[], origin: Origin): Clip {
  const taken = new Set(ids);
  return {
    ...origin,
    blocks: clone(document.blocks.filter(({ id }) => taken.has(id))),
    edges: clone(document.edges.filter(({ from, to }) => taken.has(from[0]) && taken.has(to))),
  };
}

/** As text for the clipboard of the system. What anybody could read there has no secrets. */
export function writeClip(clip: Clip): string {
  const blocks = clip.blocks.map(withoutSecrets);
  return JSON.stringify({ otklik: MARK, version: VERSION, ...clip, blocks });
}

export type ClipProblem = 'foreign' | 'newer' | 'broken';

/** What lies in the clipboard, or why it cannot be used. */
export function readClip(text: string): Clip | ClipProblem {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return 'foreign';
  }
  if (value?.otklik !== MARK) return 'foreign';
  if (typeof value.version !== 'number' || !Array.isArray(value.blocks) || !Array.isArray(value.edges))
    return 'broken';
  if (value.version > VERSION) return 'newer';
  const blocks = value.blocks.map((block) => readBlock(block, isBlockType));
  const edges = value.edges.map(readEdge);
  if (blocks.length === 0 || blocks.includes(null) || edges.includes(null)) return 'broken';
  return {
    project: String(value.project ?? ''),
    scenario: String(value.scenario ?? ''),
    blocks: blocks as Block[],
    edges: edges as Edge[],
  };
}

interface Pasted {
  document: FlowDocument;
  ids: string[];
}

/** Puts blocks into a document under new ids, their upper left corner at `at`: one step. */
export function paste(document: FlowDocument, clip: Clip, at: Point, here: Origin, floor = 1): Pasted {
  const first = nextNumber(document, floor);
  const renamed = new Map(clip.blocks.map(({ id }, index) => [id, `b${first + index}`]));
  const corner = [0, 1].map((axis) => Math.min(...clip.blocks.map(({ pos }) => pos[axis as 0 | 1])));
  const isHome = clip.project === here.project;
  const isSameScenario = isHome && clip.scenario === here.scenario;
  const blocks = clone(clip.blocks).map((block): Block => {
    const pos = snap([at[0] + block.pos[0] - (corner[0] ?? 0), at[1] + block.pos[1] - (corner[1] ?? 0)]);
    const fresh = { ...block, id: renamed.get(block.id) as string, pos };
    if (fresh.type === 'jump') {
      const target = renamed.get(fresh.settings.target) ?? (isSameScenario ? fresh.settings.target : '');
      return { ...fresh, settings: { target } };
    }
    return isHome ? fresh : withoutForeignIds(fresh);
  });
  const edges = clip.edges.flatMap(({ from: [block, exit], to }): Edge[] => {
    const [source, target] = [renamed.get(block), renamed.get(to)];
    return source && target ? [{ from: [source, exit], to: target }] : [];
  });
  return {
    document: {
      ...document,
      blocks: [...document.blocks, ...blocks],
      edges: [...document.edges, ...edges],
      next: first + blocks.length,
    },
    ids: blocks.map(({ id }) => id),
  };
}

const BESIDE = 32;

/** The same blocks once more, a little lower; they keep what is theirs. */
export function duplicate(document: FlowDocument, ids: readonly string[], floor = 1): Pasted {
  const here = { project: '', scenario: '' };
  const clip = take(document, ids, here);
  if (clip.blocks.length === 0) return { document, ids: [] };
  const corner = [0, 1].map((axis) => Math.min(...clip.blocks.map(({ pos }) => pos[axis as 0 | 1])));
  return paste(document, clip, [(corner[0] ?? 0) + BESIDE, (corner[1] ?? 0) + BESIDE], here, floor);
}

const OPEN_HEADERS = /^(accept|content-type|accept-language|user-agent)$/i;
const SECRET_PART = /(token|secret|key|password|signature|auth)/i;

/** A reference to a secret of the project is none: `{{secret.crm}}`. */
const isReference = (value: string) => /^\{\{[^}]+\}\}$/.test(value.trim());

function withoutSecrets(block: Block): Block {
  if (block.type === 'external')
    return { ...block, settings: { ...block.settings, url: plainAddress(block.settings.url) } };
  if (block.type !== 'http') return block;
  const headers = Object.entries(block.settings.headers ?? {}).map(([name, value]) => [
    name,
    OPEN_HEADERS.test(name) || isReference(value) ? value : '',
  ]);
  return {
    ...block,
    settings: {
      ...block.settings,
      url: plainAddress(block.settings.url),
      ...(block.settings.headers && { headers: Object.fromEntries(headers) as Record<string, string> }),
    },
  };
}

/** An address without a name and a password, and without the values of parameters that look like keys. */
function plainAddress(url: string | undefined): string {
  return (url ?? '')
    .replace(/^(https?:\/\/)[^/@]*@/i, '$1')
    .replace(/([?&])([^=&#]+)=([^&#]*)/g, (all, mark: string, name: string, value: string) =>
      SECRET_PART.test(name) && !isReference(value) ? `${mark}${name}=` : all,
    );
}

/** Files, people and other scenarios of the project that it comes from. */
function withoutForeignIds(block: Block): Block {
  switch (block.type) {
    case 'message': {
      const { files: _, ...settings } = block.settings;
      return { ...block, settings };
    }
    case 'assign':
      return { ...block, settings: { to: '' } };
    case 'transfer':
      return { ...block, settings: { ...block.settings, to: null } };
    case 'call':
      return { ...block, settings: { scenario: '' } };
    default:
      return block;
  }
}
