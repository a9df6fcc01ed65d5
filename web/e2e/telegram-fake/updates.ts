import type { Bot } from './bot';
import { Refusal, badRequest } from './refusal';
import type { Knock, Update } from './types';

const MAX_RETRY_MS = 5_000;

interface Webhook {
  url: string;
  secret: string;
  error: string | null;
}

interface Waiting {
  wake: (end: 'news' | 'conflict') => void;
}

/** Brings updates to the bot: by webhook, each repeated until it is taken, or to whoever asks. Never both. */
export class Updates {
  readonly knocks: Knock[] = [];
  private readonly webhooks = new Map<Bot, Webhook>();
  private readonly readers = new Map<Bot, Waiting>();
  private readonly underWay = new Map<Update, string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private isClosed = false;

  /** `firstRetryMs` is a second with the real server. */
  constructor(private readonly firstRetryMs: number) {}

  close() {
    this.isClosed = true;
    for (const timer of this.timers) clearTimeout(timer);
    for (const reader of this.readers.values()) reader.wake('news');
  }

  add(bot: Bot, updates: Update[]) {
    bot.queue.push(...updates.filter((update) => bot.wants(update)));
    this.readers.get(bot)?.wake('news');
    this.deliverAll(bot);
  }

  /** Where and with what secret the bot wants to be told. */
  webhookOf(bot: Bot): { url: string; secret: string } {
    const hook = this.webhooks.get(bot);
    if (!hook) throw new Error('the bot has set no webhook');
    return hook;
  }

  setWebhook(bot: Bot, values: Record<string, unknown>): true {
    const url = String(values.url ?? '');
    if (!url) return this.deleteWebhook(bot, values.drop_pending_updates === true);
    if (!/^https:\/\/|^http:\/\/127\.0\.0\.1[:/]/.test(url)) {
      throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
    }
    const secret = String(values.secret_token ?? '');
    if (values.secret_token !== undefined && !/^[\w-]{1,256}$/.test(secret)) {
      throw badRequest('secret token contains unallowed characters');
    }
    const most = Number(values.max_connections ?? 40);
    if (!(most >= 1 && most <= 100)) throw badRequest('max_connections is invalid');
    this.remember(bot, values);
    this.webhooks.set(bot, { url, secret, error: null });
    this.readers.get(bot)?.wake('conflict');
    this.deliverAll(bot);
    return true;
  }

  deleteWebhook(bot: Bot, dropsPending: boolean): true {
    this.webhooks.delete(bot);
    if (dropsPending) bot.queue.length = 0;
    return true;
  }

  webhookInfo(bot: Bot) {
    const hook = this.webhooks.get(bot);
    return {
      url: hook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: bot.queue.length,
      ...(hook?.error
        ? { last_error_date: Math.floor(Date.now() / 1000), last_error_message: hook.error }
        : {}),
    };
  }

  async poll(bot: Bot, values: Record<string, unknown>): Promise<Update[]> {
    this.refuseWithWebhook(bot);
    this.remember(bot, values);
    const offset = Number(values.offset ?? 0);
    const limit = Math.min(Number(values.limit ?? 100), 100);
    const seconds = Math.min(Number(values.timeout ?? 0), 50);
    const kept = bot.queue.filter((update) => update.update_id >= offset);
    bot.queue.splice(0, bot.queue.length, ...kept);
    this.readers.get(bot)?.wake('conflict');
    if (bot.queue.length === 0 && seconds > 0 && !this.isClosed) await this.waitForNews(bot, seconds * 1000);
    return bot.queue.slice(0, limit);
  }

  private async waitForNews(bot: Bot, ms: number) {
    const end = await new Promise<'news' | 'conflict'>((resolve) => {
      const timer = setTimeout(() => resolve('news'), ms);
      this.timers.add(timer);
      const reader: Waiting = {
        wake: (why) => {
          clearTimeout(timer);
          this.timers.delete(timer);
          if (this.readers.get(bot) === reader) this.readers.delete(bot);
          resolve(why);
        },
      };
      this.readers.set(bot, reader);
    });
    this.refuseWithWebhook(bot);
    if (end === 'conflict') {
      const words = 'terminated by other getUpdates request; make sure that only one bot instance is running';
      throw new Refusal(409, `Conflict: ${words}`);
    }
  }

  private refuseWithWebhook(bot: Bot) {
    if (!this.webhooks.has(bot)) return;
    const words =
      "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    throw new Refusal(409, `Conflict: ${words}`);
  }

  private remember(bot: Bot, values: Record<string, unknown>) {
    if (Array.isArray(values.allowed_updates)) bot.allowedUpdates = values.allowed_updates.map(String);
  }

  /** Different people's updates go out at once, one person's strictly one after the other: so does the Bot API server. */
  private deliverAll(bot: Bot) {
    if (!this.webhooks.has(bot)) return;
    for (const update of bot.queue) {
      const sender = `${bot.token} ${senderOf(update)}`;
      if (this.underWay.has(update) || [...this.underWay.values()].includes(sender)) continue;
      this.underWay.set(update, sender);
      void this.deliver(bot, update, 1);
    }
  }

  private async deliver(bot: Bot, update: Update, attempt: number) {
    const hook = this.webhooks.get(bot);
    if (!hook || this.isClosed) return void this.underWay.delete(update);
    const { status, retryAfter } = await knock(hook, update);
    this.knocks.push({ update_id: update.update_id, attempt, status });
    if (status >= 200 && status < 300) {
      const at = bot.queue.indexOf(update);
      if (at >= 0) bot.queue.splice(at, 1);
      this.underWay.delete(update);
      return void this.deliverAll(bot);
    }
    hook.error = status ? `Wrong response from the webhook: ${status}` : 'Connection refused';
    const doubled = Math.min(this.firstRetryMs * 2 ** (attempt - 1), MAX_RETRY_MS);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void this.deliver(bot, update, attempt + 1);
    }, retryAfter ?? doubled);
    this.timers.add(timer);
  }
}

function senderOf(update: Update): unknown {
  const parts = Object.values(update).filter((part) => typeof part === 'object' && part !== null);
  return parts.map((part) => (part as { from?: { id: number } }).from?.id).find((id) => id !== undefined);
}

async function knock(hook: Webhook, update: Update): Promise<{ status: number; retryAfter?: number }> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (hook.secret) headers['X-Telegram-Bot-Api-Secret-Token'] = hook.secret;
  try {
    const answer = await fetch(hook.url, { method: 'POST', headers, body: JSON.stringify(update) });
    await answer.arrayBuffer();
    const wait = Number(answer.headers.get('retry-after'));
    return { status: answer.status, ...(wait > 0 ? { retryAfter: wait * 1000 } : {}) };
  } catch {
    return { status: 0 };
  }
}
