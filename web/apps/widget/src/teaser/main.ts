import type { Shell, Teaser } from '../shell';
import { OperatorTeaser } from './teaser';

/** Shows what an operator writes while the panel is closed. */
export async function create(shell: Shell): Promise<Teaser> {
  return new OperatorTeaser(shell, await shell.part('core'));
}
