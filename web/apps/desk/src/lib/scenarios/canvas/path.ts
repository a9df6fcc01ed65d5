import { type EdgeProps, getSmoothStepPath } from '@xyflow/svelte';

type Ends = Pick<
  EdgeProps,
  'sourceX' | 'sourceY' | 'targetX' | 'targetY' | 'sourcePosition' | 'targetPosition'
>;

const APART = 8;

/** The line of a way. Ways from one block turn beside each other, not on one line: `order` is the row of the exit. */
export function pathOf(ends: Ends, order: number) {
  const isForward = ends.targetX - ends.sourceX > 48;
  return getSmoothStepPath({
    ...ends,
    borderRadius: 10,
    offset: 18 + order * APART,
    ...(isForward && { centerX: Math.min(ends.sourceX + 20 + order * APART, ends.targetX - 16) }),
  });
}
