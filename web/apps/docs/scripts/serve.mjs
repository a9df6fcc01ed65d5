// Serves dist as the program does: the same addresses, the same policy. `node scripts/serve.mjs [PORT]`.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';

const DIST = new URL('../dist/', import.meta.url);
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function fileOf(path) {
  if (path === '/docs/js') return new URL('js.html', DIST);
  if (path === '/api/docs') return new URL('api.html', DIST);
  if (path === '/api/v1/openapi.json') return new URL('../../../../openapi.json', import.meta.url);
  const [, name] = /^\/docs\/assets\/([\w.-]+)$/.exec(path) ?? [];
  return name ? new URL(`assets/${name}`, DIST) : null;
}

/** A server on the port; 0 is a free one. */
export function serve(port) {
  const server = createServer((request, answer) => {
    const file = fileOf(new URL(request.url, 'http://x').pathname);
    if (!file || !existsSync(file)) return answer.writeHead(404).end();
    answer.writeHead(200, {
      'content-type': TYPES[extname(file.pathname)],
      'content-security-policy': POLICY,
    });
    answer.end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await serve(Number(process.argv[2] ?? 8090));
  console.log(`http://127.0.0.1:${server.address().port}/docs/js`);
}
