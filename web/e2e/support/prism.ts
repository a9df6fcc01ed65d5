import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { Child, freePort } from './processes';
import { until } from './wait';

const SPEC = resolve(import.meta.dirname, '../specs/telegram-openapi.json');

/** Prism: serves a description of somebody's API and refuses every request that breaks it. */
export class Prism {
  private constructor(
    readonly url: string,
    private readonly child: Child,
  ) {}

  static async start(): Promise<Prism> {
    const home = dirname(createRequire(import.meta.url).resolve('@stoplight/prism-cli/package.json'));
    const port = await freePort();
    const args = [
      join(home, 'dist/index.js'),
      'mock',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '--errors',
      SPEC,
    ];
    const child = new Child('prism', process.execPath, args);
    await until(
      'Prism to listen',
      () => {
        child.mustRun();
        return child.output.includes('Prism is listening');
      },
      40_000,
    );
    return new Prism(`http://127.0.0.1:${port}`, child);
  }

  /** Prism's verdict on a request: 200, or 422 with what is wrong. */
  async judge(path: string, body: string): Promise<{ status: number; words: string }> {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(this.url + path, { method: 'POST', headers, body });
    return { status: answer.status, words: await answer.text() };
  }

  stop() {
    return this.child.kill();
  }
}

export interface Judged {
  method: string;
  body: Record<string, unknown>;
  status: number;
  words: string;
}

/** Stands between the product and a Bot API: every JSON request is shown to Prism first, and only what it takes goes on. */
export class JudgingProxy {
  readonly judged: Judged[] = [];
  /** Calls that the description does not have. */
  readonly unknown = new Set<string>();

  private constructor(
    private readonly server: Server,
    private readonly prism: Prism,
    private readonly target: string,
  ) {
    server.on('request', (request, response) => {
      this.pass(request, response).catch(() => response.destroy());
    });
  }

  static async start(prism: Prism, target: string): Promise<JudgingProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new JudgingProxy(server, prism, target);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get refusals(): Judged[] {
    return this.judged.filter((one) => one.status === 422);
  }

  bodiesOf(method: string): Record<string, unknown>[] {
    return this.judged.filter((one) => one.method === method).map((one) => one.body);
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async pass(request: IncomingMessage, response: ServerResponse) {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const path = request.url ?? '/';
    if (request.headers['content-type']?.startsWith('application/json')) {
      const { status, words } = await this.prism.judge(path, body);
      const method = path.split('/').at(-1) ?? '';
      if (status === 404) this.unknown.add(method);
      else this.judged.push({ method, body: JSON.parse(body) as Record<string, unknown>, status, words });
      if (status === 422) return void response.writeHead(422).end(words);
    }
    const headers = { 'Content-Type': request.headers['content-type'] ?? '' };
    const answer = await fetch(this.target + path, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text());
  }
}
