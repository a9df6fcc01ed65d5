import { type Server, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export const snippetOf = (origin: string, siteKey: string) =>
  `<script async src="${origin}/w.js?p=${siteKey}"></script>`;

/** The policy that the install page tells owners of strict sites to publish. */
export const policyFor = (origin: string) =>
  `script-src ${origin}; connect-src ${origin} ${origin.replace('http', 'ws')}; img-src ${origin}; media-src ${origin}`;

/** A customer's site: another origin than the product, with the published snippet on it. */
export class HostPage {
  private constructor(private readonly server: Server) {}

  static async start(
    snippet: string,
    policy = '',
    body = '<main><h1>Лампы</h1><p>Товар</p></main>',
  ): Promise<HostPage> {
    const server = createServer((_, response) => {
      const headers: Record<string, string> = { 'Content-Type': 'text/html; charset=utf-8' };
      if (policy) {
        headers['Content-Security-Policy'] =
          `default-src 'none'; ${policy}; require-trusted-types-for 'script'`;
      }
      response.writeHead(200, headers);
      response.end(
        `<!doctype html><html lang="ru"><head><title>Лавка</title><meta name="viewport" content="width=device-width">` +
          `<link rel="icon" href="data:,">${snippet}</head><body>${body}</body></html>`,
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HostPage(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
