import type { Session } from '../core/session';
import type { Calls, Shell } from '../shell';
import { PageCalls } from './page';

/** The page's calls reach the visitor's session. */
export async function create(shell: Shell): Promise<Calls> {
  const core = await shell.part('core');
  return new PageCalls(shell, core as unknown as Session);
}
