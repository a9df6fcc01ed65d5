import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, freePort, mustHaveProgram } from './processes';
import { mustHavePython, runPython } from './python';
import { until } from './wait';

const KEY = 'k1';

/** Somebody who writes to the bot; the private chat has the person's id. */
export interface Writer {
  id: number;
  first_name: string;
  username?: string;
}

export const NINA: Writer = { id: 424242, first_name: 'Нина', username: 'nina_fern' };

/** What telemelya says a bot has sent. */
export interface SentByBot {
  method: string;
  chat_id: number;
  text: string;
  reply_markup: {
    inline_keyboard?: { text: string; callback_data?: string }[][];
    keyboard?: { text: string; request_contact?: boolean }[][];
  } | null;
  message_id: number;
}

/** telemelya with the Redis and the S3 it stores in: a Telegram server that somebody else wrote. */
export class Telemelya {
  private constructor(
    readonly url: string,
    private readonly children: Child[],
    private readonly folder: string,
  ) {}

  static async start(): Promise<Telemelya> {
    await mustHaveProgram('redis-server', 'apt-get install redis-server');
    await mustHavePython('telemelya', 'moto.server');
    const folder = await mkdtemp(join(tmpdir(), 'otklik-telemelya-'));
    const [redis, s3, port] = [await freePort(), await freePort(), await freePort()];
    const url = `http://127.0.0.1:${port}`;
    const children = [
      new Child(
        'redis-server',
        'redis-server',
        ['--bind', '127.0.0.1', '--port', String(redis), '--save', ''],
        {},
        folder,
      ),
      runPython('moto_server', ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(s3)], {}, folder),
    ];
    const made = new Telemelya(url, children, folder);
    await made.answers('redis-server', `http://127.0.0.1:${redis}`, true);
    await made.answers('moto', `http://127.0.0.1:${s3}`);
    const env = {
      AUTH_KEYS: KEY,
      MOCK_SERVER_HOST: '127.0.0.1',
      MOCK_SERVER_PORT: String(port),
      MOCK_SERVER_URL: url,
      REDIS_URL: `redis://127.0.0.1:${redis}/0`,
      MINIO_ENDPOINT: `127.0.0.1:${s3}`,
    };
    children.push(runPython('telemelya', ['-m', 'telemelya.server.app'], env, folder));
    await made.answers('telemelya', url);
    return made;
  }

  /** A person writes to the bot. */
  says(token: string, who: Writer, text: string): Promise<void> {
    return this.update(token, who, { text });
  }

  /** A person presses the button of this label under a message of the bot. */
  async presses(token: string, who: Writer, message: SentByBot, label: string) {
    const buttons = message.reply_markup?.inline_keyboard?.flat() ?? [];
    const button = buttons.find(({ text }) => text === label);
    if (!button?.callback_data) throw new Error(`no button "${label}" under "${message.text}"`);
    await this.update(token, who, {
      callback_data: button.callback_data,
      callback_message_id: message.message_id,
    });
  }

  private async update(token: string, who: Writer, what: Record<string, unknown>) {
    const update = { chat_id: who.id, from_user: who, ...what };
    await this.control('POST', `/send_update?bot_token=${encodeURIComponent(token)}`, update);
  }

  /** Messages that telemelya has received from the bot. */
  async received(): Promise<SentByBot[]> {
    const { responses } = (await this.control('GET', '/responses')) as { responses: SentByBot[] };
    return responses.filter((response) => response.method === 'sendMessage');
  }

  async stop() {
    await Promise.all(this.children.map((child) => child.kill()));
    await rm(this.folder, { recursive: true, force: true });
  }

  private async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${this.url}/api/v1/test${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`telemelya ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  /** Redis hangs up on HTTP, which also shows that it is there. */
  private answers(what: string, url: string, isRude = false) {
    const look = async () => {
      for (const child of this.children) child.mustRun();
      try {
        await fetch(url);
        return true;
      } catch (error) {
        const { code } = (error as { cause?: { code?: string } }).cause ?? {};
        return isRude && code !== 'ECONNREFUSED';
      }
    };
    return until(`${what} to answer`, look, 40_000);
  }
}

/**
 * Stands between the product and telemelya for the two things it lacks: the secret header of webhooks, which is learnt
 * from the product's own setWebhook, and sharing a contact, written by the person as `/contact NUMBER`.
 */
export class TelemelyaGate {
  private hook: { url: string; secret_token: string } | undefined;

  private constructor(
    private readonly server: Server,
    private readonly telemelya: Telemelya,
  ) {
    server.on('request', (request, response) => {
      this.pass(request, response).catch(() => response.destroy());
    });
  }

  static async start(telemelya: Telemelya): Promise<TelemelyaGate> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TelemelyaGate(server, telemelya);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async pass(request: IncomingMessage, response: ServerResponse) {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    let body = Buffer.concat(parts).toString();
    const path = request.url ?? '/';
    const headers: Record<string, string> = {
      'Content-Type': request.headers['content-type'] ?? 'application/json',
    };
    let target = this.telemelya.url + path;
    if (path === '/deliver') {
      if (!this.hook) throw new Error('an update before setWebhook');
      target = this.hook.url;
      headers['X-Telegram-Bot-Api-Secret-Token'] = this.hook.secret_token;
      body = withContact(body);
    } else if (path.endsWith('/setWebhook')) {
      this.hook = JSON.parse(body) as { url: string; secret_token: string };
      body = JSON.stringify({ ...this.hook, url: `${this.url}/deliver` });
    }
    const answer = await fetch(target, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text());
  }
}

function withContact(body: string): string {
  const update = JSON.parse(body) as {
    message?: { text?: string; from: { id: number; first_name: string } };
  };
  const number = /^\/contact (\d+)$/.exec(update.message?.text ?? '')?.[1];
  if (!number || !update.message) return body;
  const { text: _, ...message } = update.message;
  const { id, first_name } = message.from;
  return JSON.stringify({
    ...update,
    message: { ...message, contact: { phone_number: number, first_name, user_id: id } },
  });
}
