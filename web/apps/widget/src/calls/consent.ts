import type { Core, Shell } from '../shell';
import { openStore } from '../loader/store';

/** The page's own question to its visitor: before `granted` everything stays in memory and there is no line. */
export function setConsent(shell: Shell, core: Pick<Core, 'allow'>, consent: string) {
  const isHeld = consent !== 'granted';
  if (isHeld === shell.isHeld) return;
  shell.isHeld = isHeld;
  if (isHeld) forget(shell);
  else shell.store = Object.assign(openStore(shell.prefix), shell.store);
  core.allow(!isHeld);
  if (!isHeld) shell.begin();
  shell.render();
}

/** Taken back: nothing of the visitor stays here, and auto-actions end. */
function forget(shell: Shell) {
  const { store, prefix } = shell;
  shell.ears?.push(['destroy', undefined]);
  for (const name of Object.keys(store)) if (name.startsWith(prefix)) delete store[name];
  shell.store = {};
}
