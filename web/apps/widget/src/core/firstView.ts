import type { Shell } from '../shell';
import type { Entry, View } from './view';

/** What is shown before the server has said anything. */
export function firstView(shell: Shell, entries: Entry[]): View {
  return {
    messages: [],
    entries,
    link: 'offline',
    isPolling: false,
    isOff: shell.config.off,
    readSeq: Number(shell.store[shell.prefix + 'read'] ?? 0),
    operatorsOnline: shell.config.operators_online,
    operatorName: null,
    typing: null,
    history: 'none',
    hasOlder: false,
  };
}
