import type { Config } from '../src/contract';

/** What a server would answer over HTTP; of anything but the configuration there is nothing. */
export function answersOf(config: () => Config): typeof fetch {
  return (asked) => {
    const { pathname } = new URL(asked instanceof Request ? asked.url : asked);
    if (pathname === '/w/v1/config') return answer(config());
    if (pathname === '/w/v1/messages') return answer({ items: [], next_cursor: null });
    return answer({ code: 'preview', detail: '' }, 404);
  };
}

function answer(body: unknown, status = 200): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
}
