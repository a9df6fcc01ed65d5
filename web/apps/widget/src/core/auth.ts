import type { ClientFrame } from '../contract';
import type { Shell } from '../shell';
import type { Http } from './http';
import type { Pages } from './pages';

interface Known {
  readonly shell: Pick<Shell, 'key' | 'locale' | 'store' | 'prefix' | 'presence'>;
  readonly http: Pick<Http, 'token'>;
  readonly pages: Pick<Pages, 'page'>;
  readonly identityToken: string | null;
}

/** Who we are and where: the first frame of every line. */
export function authOf({ shell, http, pages, identityToken }: Known): ClientFrame {
  return {
    type: 'auth',
    site_key: shell.key,
    visitor_token: http.token ?? shell.store[shell.prefix + 'guest'] ?? null,
    identity_token: identityToken,
    page: { ...pages.page, referrer: document.referrer },
    locale: shell.locale,
    visit: shell.presence?.visit,
  };
}
