import type { Shell } from '../shell';
import { warnOnce } from '../warn';
import css from './embed.css?inline';

const CONTAINER = '#onlineSupportContainer';

/** A place of the page receives the chat, whenever it comes; when it goes, the launcher is back. */
export function watchContainer(shell: Shell): () => void {
  const { host } = shell.root;
  const { container = CONTAINER } = shell.setup;
  const look = () => {
    // The page may have changed in the very turn in which the widget was destroyed.
    if (shell.isGone) return;
    const found = typeof container === 'string' ? find(container) : container;
    const place = found?.isConnected ? found : null;
    const home = place ?? document.documentElement;
    if (host.parentNode === home) return;
    home.append(host);
    if (shell.isEmbedded === Boolean(place)) return;
    shell.isEmbedded = Boolean(place);
    host.classList.toggle('inline', shell.isEmbedded);
    if (place) shell.open(false);
    else shell.close();
    shell.render();
  };
  shell.adopt(css);
  look();
  const watch = new MutationObserver(look);
  watch.observe(document, { childList: true, subtree: true });
  return () => watch.disconnect();
}

/** What is no selector is said to the page's author, and finds nothing. */
function find(selector: string): Element | null {
  try {
    return document.querySelector(selector);
  } catch {
    warnOnce('container', `is no selector: ${selector}`);
    return null;
  }
}
