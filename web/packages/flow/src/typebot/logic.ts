/** What moves a client about in a flow of Typebot. */

import { numberIn, textIn } from './loose';
import { part, type Piece } from './part';
import type { Scope } from './scope';

/** Ten years, which is as long as anything lasts here. */
const LONGEST_WAIT = 315_360_000;

export function wait(scope: Scope): Piece {
  const seconds = numberIn(scope.block.options.secondsToWaitFor);
  if (seconds === undefined) scope.warn('wait_length', textIn(scope.block.options.secondsToWaitFor));
  const whole = Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(seconds ?? 1)));
  return [part('delay', { for: `PT${whole}S` })];
}

export function abTest(scope: Scope): Piece {
  const share = Math.min(100, Math.max(0, numberIn(scope.block.options.aPercent) ?? 50));
  const of = (path: string) => scope.block.items.find(({ raw }) => raw.path === path);
  const to = (path: string) => {
    const item = of(path);
    return (item && scope.lead(item.edge, item.id)) ?? ('on' as const);
  };
  const variants = [
    { id: 'a', percent: share },
    { id: 'b', percent: 100 - share },
  ];
  return [part('split', { variants }, { a: to('a'), b: to('b') })];
}

export function jump(scope: Scope): Piece {
  const { groupId, blockId } = scope.block.options;
  return jumpTo(scope, textIn(groupId), textIn(blockId));
}

/** A jump to nothing ends the talk, as it does in Typebot. */
function jumpTo(scope: Scope, group: string, block: string): Piece {
  if (scope.bot.groups.some(({ id }) => id === group))
    return [{ ...part('jump', { target: '' }, {}), target: { group, block } }];
  scope.warn('jump_nowhere');
  return [part('end', {}, {})];
}

/** To another flow, which is called, or to a group of this one, where a jump does. */
export function typebotLink(scope: Scope): Piece {
  const { typebotId, groupId } = scope.block.options;
  const isOwn = typebotId === 'current' || (textIn(typebotId) !== '' && typebotId === scope.bot.id);
  if (!isOwn) {
    // Which of our scenarios it is nobody but its maker knows; the editor asks before publishing.
    scope.warn('call_target');
    return [part('call', { scenario: '' }, { returned: 'on' })];
  }
  const index = scope.group.blocks.indexOf(scope.block);
  if (scope.block.edge || index < scope.group.blocks.length - 1) scope.warn('link_does_not_return');
  if (textIn(groupId)) return jumpTo(scope, textIn(groupId), '');
  return [{ ...part('jump', { target: '' }, {}), target: 'start' }];
}

/** Ends a called scenario, which goes on where it was called. */
export function returns(scope: Scope): Piece {
  scope.warn('return_ends');
  return [part('end', {}, {})];
}

/** Nobody can be taken to another page in a messenger: the address is said. */
export function redirect(scope: Scope): Piece {
  const url = textIn(scope.block.options.url).trim();
  if (url) return [part('message', { text: scope.words(url) })];
  scope.warn('empty_bubble');
  return [];
}
