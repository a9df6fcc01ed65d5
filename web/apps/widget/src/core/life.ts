import type { Connection } from './connection';

const HIDDEN_LIMIT_MS = 600_000;

/** The line follows the life of the tab: at once with the network or the focus, closed after ten minutes out of sight. */
export function followTab(
  connection: Connection,
  isWanted: () => boolean,
  onSeen: () => void,
  signal: AbortSignal,
) {
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  const back = () => {
    if (isWanted()) connection.start();
    connection.retryNow();
  };
  addEventListener('online', back, { signal });
  addEventListener('focus', back, { signal });
  addEventListener('offline', () => connection.hangUp(), { signal });
  // An open socket would keep the page out of the back-forward cache.
  addEventListener('pagehide', () => connection.stop(), { signal });
  addEventListener('pageshow', (event) => event.persisted && back(), { signal });
  const onVisibility = () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) {
      hiddenTimer = setTimeout(() => connection.stop(), HIDDEN_LIMIT_MS);
    } else if (isWanted()) {
      back();
      onSeen();
    }
  };
  document.addEventListener('visibilitychange', onVisibility, { signal });
  signal.addEventListener('abort', () => clearTimeout(hiddenTimer));
}
