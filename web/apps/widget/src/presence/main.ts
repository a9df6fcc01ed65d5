import type { SocketLike } from '../core/connection';
import type { Presence, Shell } from '../shell';
import { Watch } from './watch';

/** Begins to tell who is on the page. */
export function create(shell: Shell): Presence {
  const address = shell.origin.replace(/^http/, 'ws') + '/w/v1/live';
  return new Watch(shell, () => new WebSocket(address) as unknown as SocketLike);
}
