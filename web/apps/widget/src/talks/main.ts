import type { Shell } from '../shell';
import { Talks } from './talks';
import css from './talks.css?inline';

/** The visitor's conversations, where the project allows several. */
export async function create(shell: Shell): Promise<Talks> {
  const core = await shell.part('core');
  shell.adopt(css);
  return new Talks(shell, core);
}
