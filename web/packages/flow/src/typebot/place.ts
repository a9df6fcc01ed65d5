/** Where blocks stand: under each other where their group stood, without one card on another. */

import type { Block, Edge } from '../document';
import { snap } from '../commands';
import { sizeOf } from '../size';
import type { BotGroup } from './read';

const BELOW = 32;
const APART = 48;

interface Stack {
  blocks: Block[];
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Places the blocks of all groups. A group that would lie on another moves down. */
export function placed(
  groups: readonly [BotGroup, Block[]][],
  edges: readonly Edge[],
): Map<string, [number, number]> {
  const led = new Map<string, Set<string>>();
  for (const { from } of edges) led.set(from[0], (led.get(from[0]) ?? new Set()).add(from[1]));
  const heightOf = (block: Block) => sizeOf(block, (exit) => led.get(block.id)?.has(exit) ?? false).height;
  const stacks = groups
    .filter(([, blocks]) => blocks.length > 0)
    .map(([{ place }, blocks]): Stack => {
      const heights = blocks.map((block) => heightOf(block) + BELOW);
      const height = heights.reduce((sum, one) => sum + one, 0);
      const width = Math.max(...blocks.map((block) => sizeOf(block).width));
      return { blocks, left: place[0], top: place[1], width, height };
    })
    .sort((a, b) => a.top - b.top);
  const standing: Stack[] = [];
  for (const stack of stacks) stand(stack, standing);
  const places = new Map<string, [number, number]>();
  for (const { blocks, left, top } of standing) {
    let y = top;
    for (const block of blocks) {
      places.set(block.id, snap([left, y]));
      y += heightOf(block) + BELOW;
    }
  }
  return places;
}

/** `standing` are sorted by where they begin, so that moving down meets each at most once. */
function stand(stack: Stack, standing: Stack[]) {
  let { top } = stack;
  for (const other of standing) {
    const isBeside =
      stack.left >= other.left + other.width + APART || other.left >= stack.left + stack.width + APART;
    if (!isBeside && top < other.top + other.height + APART && other.top < top + stack.height + APART)
      top = other.top + other.height + APART;
  }
  const moved = { ...stack, top };
  const at = standing.findIndex((other) => other.top > top);
  standing.splice(at < 0 ? standing.length : at, 0, moved);
}
