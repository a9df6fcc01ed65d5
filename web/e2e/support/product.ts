import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Api } from './api';
import { Child, freePort } from './processes';
import { until } from './wait';

const BINARY = process.env.OTKLIK_BIN ?? resolve(import.meta.dirname, '../../../target/debug/otklik');

export const OWNER = { email: 'anna@fern.example', password: 'fern-and-moss-42' };

interface Made {
  account_id: string;
  user_id: string;
  project_id: string;
  site_key: string;
  api_key: string;
}

/** The real program on a free port, with a folder of its own. */
export class Product {
  private server: Child | undefined;

  private constructor(
    readonly folder: string,
    private readonly port: number,
    readonly made: Made,
  ) {}

  static async start(): Promise<Product> {
    if (!existsSync(BINARY)) throw new Error(`no program at ${BINARY}: run cargo build, or set OTKLIK_BIN`);
    const folder = await mkdtemp(join(tmpdir(), 'otklik-e2e-'));
    const init = new Child('otklik init', BINARY, [
      ...['init', '--data', folder, '--email', OWNER.email, '--password', OWNER.password],
      ...['--account', 'Папоротник', '--project', 'Лавка'],
    ]);
    if ((await init.exitCode()) !== 0) throw new Error(`otklik init failed: ${init.output}`);
    const made = JSON.parse(init.output.slice(init.output.indexOf('{'))) as Made;
    const product = new Product(folder, await freePort(), made);
    await product.run();
    for (const path of ['/inbox', '/w.js']) {
      const { ok } = await fetch(product.origin + path);
      if (!ok) throw new Error(`the program has no page ${path}: npm run build in web, then cargo build`);
    }
    return product;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get api(): Api {
    return new Api(this.origin, this.made.api_key, this.made.project_id);
  }

  /** Starts the server on the same port and folder as before. */
  async run() {
    const server = new Child('otklik serve', BINARY, [
      ...['serve', '--data', this.folder, '--listen', `127.0.0.1:${this.port}`],
      ...['--allow-egress', '127.0.0.0/8', '--public-url', this.origin],
      // Everybody of these tests comes from one address.
      ...['--visitor-limits', '100'],
    ]);
    this.server = server;
    await until('the server to be ready', () => {
      server.mustRun();
      return server.output.includes('"ready":true');
    });
  }

  /** As a power cut: no goodbye, nothing flushed. */
  async killHard() {
    await this.server?.kill('SIGKILL');
  }

  async restart() {
    await this.killHard();
    await this.run();
  }

  async stop() {
    await this.killHard();
    await rm(this.folder, { recursive: true, force: true });
  }
}
