import type { ClientFrame } from '../contract';
import type { Shell } from '../shell';
import type { Pages } from './pages';
import { tokenOf } from './token';

interface Known {
  readonly shell: Pick<Shell, 'key' | 'locale' | 'store' | 'prefix' | 'presence'>;
  readonly pages: Pick<Pages, 'page'>;
  readonly identityToken: string | null;
}

/** Who we are and where: the first frame of every line. */
export function authOf({ shell, pages, identityToken }: Known): ClientFrame {
  return {
    type: 'auth',
    site_key: shell.key,
    visitor_token: tokenOf(shell) ?? null,
    identity_token: identityToken,
    page: { ...pages.page, referrer: document.referrer },
    locale: shell.locale,
    visit: shell.presence?.visit,
  };
}
