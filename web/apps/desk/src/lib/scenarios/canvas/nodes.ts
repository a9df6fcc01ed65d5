import {
  commonStart,
  edgeFrom,
  edgeId,
  type Block,
  type Exit,
  type FlowDocument,
  shownExits,
  sizeOf,
  portsOf,
  type Size,
  startPlace,
  startSize,
} from '@otklik/flow';
import { type Edge as CanvasEdge, type Node, Position } from '@xyflow/svelte';
import type { Marks } from '../checks.svelte';
import { START } from '../editor.svelte';
import { exitName, launchesText, launchName, titleOf } from '../words';
import { m } from '$lib/paraglide/messages';

/** How a test run has come by here. */
export type Lit = 'current' | 'passed' | 'failed' | 'dimmed' | undefined;

export interface BlockData extends Record<string, unknown> {
  block: Block;
  /** The exits that the card shows, as one word: another one means other rows. */
  exits: Exit[];
  exitsKey: string;
  errors: number;
  warnings: number;
  lit: Lit;
}

export interface StartData extends Record<string, unknown> {
  launches: string;
  exits: Exit[];
  exitsKey: string;
  lit: Lit;
}

export type BlockNode = Node<BlockData, 'block'>;
export type StartNode = Node<StartData, 'start'>;
export type AnyNode = BlockNode | StartNode;
export type WayEdge = CanvasEdge<{ order: number; lit: Lit; [key: string]: unknown }, 'way'>;

export interface Scene {
  document: FlowDocument;
  selection: readonly string[];
  edge: readonly [string, string] | null;
  marks: ReadonlyMap<string, Marks>;
  /** What a test run lights; null while there is none. */
  run: {
    at: string | null;
    passed: ReadonlySet<string>;
    failed: ReadonlySet<string>;
    ways: ReadonlySet<string>;
  } | null;
}

export function startExits(document: FlowDocument): Exit[] {
  if (commonStart(document) !== null) return [{ id: 'next', kind: 'next' }];
  return document.launch.map(({ kind }, index) => ({
    id: `launch:${index}`,
    kind: 'launch',
    label: launchName(kind),
    number: index + 1,
  }));
}

function litOf(scene: Scene, id: string): Lit {
  const { run } = scene;
  if (!run) return undefined;
  if (run.at === id) return 'current';
  if (run.failed.has(id)) return 'failed';
  return run.passed.has(id) ? 'passed' : 'dimmed';
}

const sameParts = (a: Record<string, unknown>, b: Record<string, unknown>, names: readonly string[]) =>
  names.every((name) => a[name] === b[name]);

/** The cards of a document. One of which nothing has changed stays the very same, so that it is not drawn again. */
export function nodesOf(scene: Scene, before: readonly AnyNode[]): AnyNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  return [
    startNode(scene, known.get(START)),
    ...scene.document.blocks.map((block) => blockNode(scene, block, known.get(block.id))),
  ];
}

function keep<T extends AnyNode>(fresh: T, old: AnyNode | undefined, parts: readonly string[]): T {
  if (!old) return fresh;
  const isSameData = sameParts(old.data, fresh.data, parts);
  // Under the pointer a card is where that holds it, whatever the document says so far.
  if (old.dragging) fresh = { ...fresh, position: old.position, dragging: true };
  const isSamePlace = old.position.x === fresh.position.x && old.position.y === fresh.position.y;
  const isSame =
    isSameData &&
    isSamePlace &&
    Boolean(old.selected) === Boolean(fresh.selected) &&
    old.ariaLabel === fresh.ariaLabel;
  if (isSame) return old as T;
  return { ...fresh, data: isSameData ? old.data : fresh.data } as T;
}

/** Exits as the card writes them. */
export const waysFrom = (exits: readonly Exit[]) =>
  exits.map((exit) => ({
    id: exit.id,
    name: exitName(exit),
    isOdd: exit.kind === 'incorrect' || exit.kind === 'error',
  }));

/** What a screen reader calls a card; the library's own word is an English one. */
export const saidAsBlock = () => ({ 'aria-roledescription': m.rep_block().toLocaleLowerCase() });

/** Told beforehand, so that the library draws what is in sight and nothing else. */
const measures = (size: Size, exits: readonly Exit[], hasEntry: boolean) => ({
  ...size,
  measured: size,
  handles: portsOf(
    size,
    exits.map(({ id }) => id),
    hasEntry,
  ).map(({ isEntry, ...port }) => ({
    ...port,
    type: isEntry ? ('target' as const) : ('source' as const),
    position: isEntry ? Position.Left : Position.Right,
  })),
});

function startNode(scene: Scene, old: AnyNode | undefined): StartNode {
  const { document } = scene;
  const [x, y] = startPlace(document);
  const exits = startExits(document);
  const launches = launchesText(document.launch.map(({ kind }) => kind)) || m.scn_start_none();
  const size = startSize(launches, exits.length);
  const fresh: StartNode = {
    id: START,
    type: 'start',
    position: { x, y },
    ...measures(size, exits, false),
    selected: scene.selection.includes(START),
    ariaLabel: m.scn_start(),
    domAttributes: saidAsBlock(),
    deletable: false,
    data: {
      launches,
      exits,
      exitsKey: exits.map(({ id, label }) => `${id} ${label}`).join('\n'),
      lit: scene.run ? 'passed' : undefined,
    },
  };
  return keep(fresh, old, ['launches', 'exitsKey', 'lit']);
}

function blockNode(scene: Scene, block: Block, old: AnyNode | undefined): BlockNode {
  const isConnected = (exit: string) => edgeFrom(scene.document, block.id, exit) !== undefined;
  const exits = shownExits(block, isConnected);
  const size = sizeOf(block, isConnected);
  const marks = scene.marks.get(block.id);
  const fresh: BlockNode = {
    id: block.id,
    type: 'block',
    position: { x: block.pos[0], y: block.pos[1] },
    ...measures(size, exits, true),
    selected: scene.selection.includes(block.id),
    ariaLabel: titleOf(block),
    domAttributes: saidAsBlock(),
    data: {
      block: samePlaceAside(block, old),
      exits,
      exitsKey: exits.map(({ id }) => id).join(' '),
      errors: marks?.errors ?? 0,
      warnings: marks?.warnings ?? 0,
      lit: litOf(scene, block.id),
    },
  };
  return keep(fresh, old, ['block', 'exitsKey', 'errors', 'warnings', 'lit']);
}

/** A block that was only moved is the same to its card. */
function samePlaceAside(block: Block, old: AnyNode | undefined): Block {
  const was = old?.type === 'block' ? old.data.block : undefined;
  return was && was.settings === block.settings && was.title === block.title && was.type === block.type
    ? was
    : block;
}

export function edgesOf(scene: Scene, before: readonly WayEdge[]): WayEdge[] {
  const { document } = scene;
  const known = new Map(before.map((edge) => [edge.id, edge]));
  const order = new Map<string, number>(
    document.blocks.flatMap((block) =>
      shownExits(block, () => true).map(({ id }, index) => [`${block.id} ${id}`, index] as const),
    ),
  );
  const chosen = new Set(scene.selection);
  const said = saidWays(document);
  const make = (from: readonly [string, string], to: string): WayEdge => {
    const id = edgeId({ from: [...from] });
    const isChosen = scene.edge?.[0] === from[0] && scene.edge[1] === from[1];
    const isLit = scene.run?.ways.has(id);
    const fresh: WayEdge = {
      id,
      type: 'way',
      source: from[0],
      sourceHandle: from[1],
      target: to,
      targetHandle: 'in',
      selected: isChosen,
      ariaLabel: said(from, to),
      domAttributes: { 'aria-roledescription': m.scn_way() },
      class: chosen.has(from[0]) ? 'from-chosen' : '',
      data: { order: order.get(id) ?? 0, lit: scene.run ? (isLit ? 'passed' : 'dimmed') : undefined },
    };
    const old = known.get(id);
    const isSame =
      old?.target === to &&
      Boolean(old.selected) === isChosen &&
      old.class === fresh.class &&
      old.ariaLabel === fresh.ariaLabel &&
      old.data?.order === fresh.data?.order &&
      old.data?.lit === fresh.data?.lit;
    return isSame ? old : fresh;
  };
  const starts = startExits(document).flatMap(({ id }, index) => {
    const to = document.launch[index]?.to;
    return to ? [make([START, id], to)] : [];
  });
  const there = new Set(document.blocks.map(({ id }) => id));
  return [...starts, ...document.edges.map(({ from, to }) => make(from, to))].filter(
    ({ source, target }) => (source === START || there.has(source)) && there.has(target),
  );
}

/** A way in words: from where, by which exit, where to. */
function saidWays(document: FlowDocument) {
  const titles = new Map([
    [START, m.scn_start()],
    ...document.blocks.map((one) => [one.id, titleOf(one)] as const),
  ]);
  const exits = new Map([
    ...startExits(document).map((exit) => [`${START} ${exit.id}`, exitName(exit)] as const),
    ...document.blocks.flatMap((block) =>
      shownExits(block, () => true).map((exit) => [`${block.id} ${exit.id}`, exitName(exit)] as const),
    ),
  ]);
  return ([from, exit]: readonly [string, string], to: string) =>
    m.scn_way_said({
      from: titles.get(from) ?? from,
      exit: exits.get(`${from} ${exit}`) ?? exit,
      to: titles.get(to) ?? to,
    });
}

const LEAST_ZOOM = 0.5;
const FIRST_ZOOM = 0.8;

/** Where a scenario opens that is too large to be read as a whole: at its beginning. Null for one that is not. */
export function firstView(nodes: readonly AnyNode[], width: number, height: number) {
  const [start] = nodes;
  if (!start) return null;
  const right = Math.max(...nodes.map((node) => node.position.x + (node.width ?? 0)));
  const bottom = Math.max(...nodes.map((node) => node.position.y + (node.height ?? 0)));
  const left = Math.min(...nodes.map((node) => node.position.x));
  const top = Math.min(...nodes.map((node) => node.position.y));
  if (Math.min(width / (right - left), height / (bottom - top)) >= LEAST_ZOOM) return null;
  const { x, y } = start.position;
  return { x: 32 - x * FIRST_ZOOM, y: height / 3 - y * FIRST_ZOOM, zoom: FIRST_ZOOM };
}
