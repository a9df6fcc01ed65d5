/** A flow of Typebot as its file has it, whatever its version: groups of blocks, events, edges and variables. */

import { isLoose, numberIn, recordIn, recordsIn, textIn, type Loose } from './loose';

export interface BotItem {
  id: string;
  edge: string;
  raw: Loose;
}

export interface BotBlock {
  id: string;
  type: string;
  edge: string;
  items: BotItem[];
  /** `content` of a bubble, `options` of everything else. */
  options: Loose;
}

export interface BotGroup {
  id: string;
  title: string;
  place: [number, number];
  blocks: BotBlock[];
}

export interface BotEvent {
  id: string;
  type: string;
  edge: string;
  options: Loose;
}

export interface BotEdge {
  id: string;
  /** The id of a block or an event. */
  from: string;
  item: string;
  to: BotPlace;
}

/** A block of a group; the first one where no block is named. */
export interface BotPlace {
  group: string;
  block: string;
}

export interface BotVariable {
  id: string;
  name: string;
}

export interface Bot {
  id: string;
  name: string;
  version: string;
  groups: BotGroup[];
  events: BotEvent[];
  edges: BotEdge[];
  variables: BotVariable[];
}

export const START = 'start';
/** A place further out helps nobody, and sums with it come out wrong. */
const FARTHEST = 100_000;

/** Whether it looks like a flow of Typebot; versions 1 and 2 had steps instead of blocks. */
export function isBot(value: unknown): value is Loose {
  if (!isLoose(value) || !Array.isArray(value.groups)) return false;
  const groups = recordsIn(value.groups);
  const hasBlocks = groups.some(({ blocks }) => Array.isArray(blocks));
  return hasBlocks || (groups.length === 0 && Array.isArray(value.edges) && 'version' in value);
}

export function readBot(raw: Loose): Bot {
  const bot: Bot = {
    id: textIn(raw.id),
    name: textIn(raw.name).trim(),
    version: textIn(raw.version),
    groups: recordsIn(raw.groups).map(readGroup),
    events: recordsIn(raw.events).map(readEvent),
    edges: recordsIn(raw.edges).map(readEdge),
    variables: recordsIn(raw.variables).map(({ id, name }) => ({
      id: textIn(id),
      name: textIn(name).trim(),
    })),
  };
  return withoutStartBlocks(bot);
}

/** Up to version 5 the start is a block in a group of its own; since 6 it is an event. */
function withoutStartBlocks(bot: Bot): Bot {
  const starts = bot.groups.flatMap(({ blocks }) => blocks.filter(({ type }) => type === START));
  if (starts.length === 0) return bot;
  const groups = bot.groups
    .map((group) => ({ ...group, blocks: group.blocks.filter(({ type }) => type !== START) }))
    .filter(({ blocks }, index) => blocks.length > 0 || bot.groups[index]?.blocks.length === 0);
  return { ...bot, groups, events: [...bot.events, ...starts] };
}

const readGroup = (raw: Loose): BotGroup => {
  const { x, y } = recordIn(raw.graphCoordinates);
  return {
    id: textIn(raw.id),
    title: textIn(raw.title).trim(),
    place: [readPlace(x), readPlace(y)],
    blocks: recordsIn(raw.blocks).map(readBlock),
  };
};

const readPlace = (value: unknown): number => Math.max(-FARTHEST, Math.min(FARTHEST, numberIn(value) ?? 0));

const readBlock = (raw: Loose): BotBlock => ({
  id: textIn(raw.id),
  type: textIn(raw.type),
  edge: textIn(raw.outgoingEdgeId),
  items: recordsIn(raw.items).map((item) => ({
    id: textIn(item.id),
    edge: textIn(item.outgoingEdgeId),
    raw: item,
  })),
  options: { ...recordIn(raw.content), ...recordIn(raw.options) },
});

const readEvent = (raw: Loose): BotEvent => ({
  id: textIn(raw.id),
  type: textIn(raw.type),
  edge: textIn(raw.outgoingEdgeId),
  options: recordIn(raw.options),
});

const readEdge = (raw: Loose): BotEdge => {
  const from = recordIn(raw.from);
  const to = recordIn(raw.to);
  return {
    id: textIn(raw.id),
    from: textIn(from.eventId) || textIn(from.blockId),
    // A card has several ways out, each with an id of its own.
    item: textIn(from.pathId) || textIn(from.itemId),
    to: { group: textIn(to.groupId), block: textIn(to.blockId) },
  };
};
