/**
 * What stands for a block that has no counterpart here.
 *
 * Of our blocks `set` does nothing that anybody sees when it writes a variable of the run that nothing reads. It may
 * be published, goes on at once, does not count as a wait (so that a way round without one is still found), and its
 * card shows what stood there.
 */

import { part, type Piece } from './part';
import type { Scope } from './scope';

export const PLACEHOLDER_KEY = 'var.typebot_block';

export function inert(scope: Scope): Piece {
  scope.hold(false);
  const type = scope.block.type || '?';
  const settings = { field: PLACEHOLDER_KEY, value: type };
  return [{ ...part('set', settings), title: `Typebot: ${type}` }];
}
