import type { Shell } from '../shell';

type Known = Pick<Shell, 'config' | 'store' | 'prefix' | 'root'>;

/** What the visitor agrees to with the box; with another text he is asked anew. */
function agreedTo({ config }: Known): string {
  const { consent } = config.appearance;
  return consent?.required ? consent.text : '';
}

/** Whether nothing has to be agreed to any more. */
export function isAgreed(shell: Known): boolean {
  return (shell.store[shell.prefix + 'agreed'] ?? '') === agreedTo(shell);
}

/** Remembers what the visitor has ticked, and whether that is enough. */
export function keepAgreed(shell: Known, isTicked: boolean): boolean {
  const { store, prefix } = shell;
  if (isTicked) store[prefix + 'agreed'] = agreedTo(shell);
  else delete store[prefix + 'agreed'];
  return isAgreed(shell);
}

/** Nothing was sent: the browser says at the box what is missing. */
export function pointAtBox({ root }: Known): false {
  root.querySelector<HTMLInputElement>('.agree input')?.reportValidity();
  return false;
}
