/** What a bot of Typebot says. Pictures and films stay where they are: messages carry their addresses. */

import { recordIn, textIn } from './loose';
import { part, type Piece } from './part';
import type { BotBlock } from './read';
import { bubbleText } from './richText';
import type { Scope } from './scope';

/** Its words, as Typebot has them. */
export function wordsOf({ type, options }: BotBlock): string {
  if (type === 'text') return bubbleText(options);
  const url = textIn(options.url).trim();
  const link = textIn(recordIn(options.clickLink).url).trim();
  if (url || type !== 'video') return [url, link].filter(Boolean).join('\n');
  return options.type === 'youtube' && options.id ? `https://youtu.be/${textIn(options.id)}` : '';
}

export function bubble(scope: Scope): Piece {
  const { block } = scope;
  if (recordIn(block.options.waitForEvent).isEnabled === true) scope.warn('embed_event');
  const words = wordsOf(block);
  if (words) return [part('message', { text: scope.words(words) })];
  scope.warn('empty_bubble');
  return [];
}
