import type { Message } from '../contract';
import type { Shell } from '../shell';

/** Tells the page of a message, and lets it be heard where nobody looks. */
export function ring(shell: Shell, { id, content, author }: Message, isSeen: boolean) {
  const isSilent = (shell.setup.sound ?? shell.config.appearance.sound) === false;
  if (author.kind === 'operator' && !isSeen && !isSilent) {
    shell.part('extras').then(
      (extras) => extras.chime(),
      () => {},
    );
  }
  shell.emit('message', { id, text: content.text ?? '', operator: author.name ?? null });
}
