import type { FieldOp, Goal } from './contract';
import { isWhole } from './document';

/** What a field can become. What is empty, or is something else, was so before anything was sent. */
const REACHED: readonly FieldOp[] = [
  'is_filled',
  'is',
  'contains',
  'starts_with',
  'ends_with',
  'at_least',
  'at_most',
  'below',
  'in',
];
export const isGoalOp = (op: FieldOp) => REACHED.includes(op);

/** Whether a goal says enough to be looked for. */
export function isWholeGoal(goal: Goal): boolean {
  if ('block' in goal) return goal.scenario_id !== '' && goal.block !== '';
  const { field, op, value } = goal;
  return isGoalOp(op) && isWhole({ field, op, ...(value !== undefined && { value }) });
}
