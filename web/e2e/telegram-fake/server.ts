import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Bot } from './bot';
import { type Params, readParams } from './body';
import { METHODS, SENDING } from './methods';
import { Refusal, tooMany } from './refusal';
import type { Fault, LedgerLine } from './types';
import { Updates } from './updates';

/** Our Telegram: the Bot API over HTTP for bots that were made here, with a ledger of every call and faults on demand. */
export class TelegramFake {
  readonly updates: Updates;
  private readonly bots = new Map<string, Bot>();
  private readonly stalled = new Set<ServerResponse>();

  private constructor(
    private readonly server: Server,
    firstRetryMs: number,
  ) {
    this.updates = new Updates(firstRetryMs);
    server.on('request', (request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
  }

  static async start(firstRetryMs = 250): Promise<TelegramFake> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TelegramFake(server, firstRetryMs);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop() {
    this.updates.close();
    this.server.closeAllConnections();
    this.server.close();
  }

  /** A new bot, as BotFather would give it. */
  newBot(): Bot {
    const id = 100_000 + this.bots.size;
    const bot = new Bot(`${id}:AAF4keTokenOfTheTestSuite_0123456789`);
    this.bots.set(bot.token, bot);
    return bot;
  }

  /** Ends calls that were stalled, as a network does at last. */
  dropStalled() {
    for (const response of this.stalled) response.destroy();
    this.stalled.clear();
  }

  private async answer(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url ?? '/', 'http://fake');
    const [, prefix, token, method] =
      /^(\/file)?\/bot([^/]+)\/(.+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const bot = this.bots.get(token ?? '');
    if (!method) return reply(response, refused(new Refusal(404, 'Not Found')));
    if (!bot) return reply(response, refused(new Refusal(401, 'Unauthorized')));
    if (prefix) return sendFile(bot, method, response);
    const params = await readParams(request, url.searchParams);
    await this.call(bot, method, params, response);
  }

  private async call(bot: Bot, method: string, params: Params, response: ServerResponse) {
    const name = method.toLowerCase();
    const files = Object.entries(params.files).map(([field, file]) => ({
      field,
      name: file.name,
      size: file.bytes.length,
    }));
    const line: LedgerLine = { method, params: params.values, files, accepted: false, outcome: 'refused' };
    bot.ledger.push(line);
    const fault = bot.takeFault(method);
    try {
      const waitMs = bot.floodUntil - Date.now();
      if (SENDING.includes(name) && waitMs > 0) throw tooMany(Math.ceil(waitMs / 1000));
      if (fault?.kind === 'refuse') throw new Refusal(fault.code, fault.description);
      const work = METHODS[name];
      if (!work) throw new Refusal(404, 'Not Found: method not found');
      const result = await work(bot, params, this.updates);
      line.accepted = true;
      if (fault && this.spoil(fault, line, response)) return;
      line.outcome = 'ok';
      reply(response, { status: 200, body: { ok: true, result } });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.code === 429) line.outcome = 'too_many';
      reply(response, refused(error));
    }
  }

  /** The thing was done, but the bot does not learn it. */
  private spoil(fault: Fault, line: LedgerLine, response: ServerResponse): boolean {
    switch (fault.kind) {
      case 'fail_after_accept':
        line.outcome = 'failed';
        reply(response, refused(new Refusal(500, 'Internal Server Error')));
        return true;
      case 'reset_after_accept':
        line.outcome = 'reset';
        response.socket?.resetAndDestroy();
        return true;
      case 'stall':
        line.outcome = 'stalled';
        this.stalled.add(response);
        return true;
      case 'refuse':
        return false;
    }
  }
}

interface Reply {
  status: number;
  body: Record<string, unknown>;
}

function refused(refusal: Refusal): Reply {
  const { code, description, retryAfter } = refusal;
  const parameters = retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } };
  return { status: code, body: { ok: false, error_code: code, description, ...parameters } };
}

function reply(response: ServerResponse, { status, body }: Reply) {
  const wait = (body.parameters as { retry_after?: number } | undefined)?.retry_after;
  const headers = { 'Content-Type': 'application/json', ...(wait ? { 'Retry-After': String(wait) } : {}) };
  response.writeHead(status, headers).end(JSON.stringify(body));
}

function sendFile(bot: Bot, path: string, response: ServerResponse) {
  const file = [...bot.files.values()].find((known) => known.path === path);
  if (!file) return reply(response, refused(new Refusal(404, 'Not Found')));
  response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(file.bytes);
}
