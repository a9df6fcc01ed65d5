import type { Core, Shell } from '../shell';
import { Session } from './session';
import type { SocketLike } from './connection';

export function create(shell: Shell): Core {
  const address = shell.origin.replace(/^http/, 'ws') + '/w/v1/live';
  return new Session(shell, () => new WebSocket(address) as unknown as SocketLike);
}
