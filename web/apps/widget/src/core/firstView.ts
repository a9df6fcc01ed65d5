import type { Shell } from '../shell';
import { isAgreed } from './agreement';
import type { Entry, View } from './view';

/** Somebody of whom nothing is known. */
export const NOBODY: Omit<View, 'entries' | 'link' | 'isPolling' | 'isOff' | 'isAgreed' | 'operatorsOnline'> =
  {
    messages: [],
    history: 'none',
    hasOlder: false,
    typing: null,
    operatorName: null,
    readSeq: 0,
    place: 0,
    form: null,
    closedId: null,
    talk: null,
  };

/** What is shown before the server has said anything. */
export function firstView(shell: Shell, entries: Entry[]): View {
  return {
    ...NOBODY,
    entries,
    link: 'offline',
    isPolling: false,
    isOff: shell.config.off,
    isAgreed: isAgreed(shell),
    readSeq: Number(shell.store[shell.prefix + 'read'] ?? 0),
    operatorsOnline: shell.config.operators_online,
  };
}
