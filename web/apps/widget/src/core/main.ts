import type { Core, Shell } from '../shell';
import { Session } from './session';
import type { SocketLike } from './connection';

/** What it tells of a visit comes first: every line begins with it. */
export async function create(shell: Shell): Promise<Core> {
  if (shell.config.visitors) await shell.part('presence').catch(() => {});
  const address = shell.origin.replace(/^http/, 'ws') + '/w/v1/live';
  return new Session(shell, () => {
    shell.presence?.end();
    return new WebSocket(address) as unknown as SocketLike;
  });
}
