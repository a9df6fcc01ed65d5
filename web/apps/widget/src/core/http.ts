import type { Ack, Attachment, Message } from '../contract';
import type { Shell, UploadResult } from '../shell';
import { contentOf, meantBy } from './outbox';
import { makeToken } from './token';
import type { Entry } from './view';

export type SendResult =
  { ack: Ack } | { slowed: number; off?: true } | { refused: string } | { unreachable: true };

const TOKEN_TIMEOUT_MS = 4_000;
const SLOWED_SECONDS = 5;
const OFF_SECONDS = 30;

/** What the widget does over HTTP: history, files, the Telegram link, and messages where sockets do not work. */
export class Http {
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly shell: Shell) {}

  get token(): string | undefined {
    return this.shell.store[this.shell.prefix + 'visitor'];
  }

  keepToken(token: string) {
    this.forgetToken();
    this.shell.store[this.shell.prefix + 'visitor'] = token;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** The one of somebody who only looked, too: whoever comes next is somebody new. */
  forgetToken() {
    for (const name of ['visitor', 'guest']) delete this.shell.store[this.shell.prefix + name];
  }

  /**
   * A new visitor has no token before the first hello. Where no socket opens nobody gives one: a new random token of the
   * same form is as good, because the server takes any that it has not seen.
   */
  private ensureToken(): Promise<void> {
    if (this.token) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      setTimeout(() => this.token ?? this.#makeToken(), TOKEN_TIMEOUT_MS);
    });
  }

  #makeToken() {
    this.keepToken(makeToken(this.shell));
  }

  get #headers(): Record<string, string> {
    const headers: Record<string, string> = { 'X-Otklik-Site': this.shell.key };
    if (this.token) headers['X-Otklik-Visitor'] = this.token;
    return headers;
  }

  async history(talk: string | null, before?: number): Promise<{ items: Message[]; hasOlder: boolean }> {
    const older = before === undefined ? '' : `&before=${before}`;
    const of = talk ? `&conversation_id=${talk}` : '';
    const answer = await this.#ask(`/w/v1/messages?limit=30${older}${of}`, { headers: this.#headers });
    if (!answer.ok) throw new Error(`history ${answer.status}`);
    const page = (await answer.json()) as { items: Message[]; next_cursor: string | null };
    return { items: page.items, hasOlder: page.next_cursor !== null };
  }

  async send(entry: Entry): Promise<SendResult> {
    if (!this.token) this.#makeToken();
    const message = { client_id: entry.client_id, content: contentOf(entry), ...meantBy(entry) };
    const answer = await this.#post('/w/v1/messages', message).catch(() => null);
    if (!answer || answer.status >= 500) return { unreachable: true };
    // Pages of other origins may not see how long to wait.
    if (answer.status === 429) return { slowed: Number(answer.headers.get('retry-after')) || SLOWED_SECONDS };
    if (!answer.ok) {
      const { code, detail = '' } = await problemOf(answer);
      return code === 'connection_off' ? { slowed: OFF_SECONDS, off: true } : { refused: detail };
    }
    return { ack: (await answer.json()) as Ack };
  }

  async telegramUrl(): Promise<string> {
    await this.ensureToken();
    const answer = await this.#post('/w/v1/telegram-link', {});
    if (!answer.ok) throw new Error(`telegram link ${answer.status}`);
    return ((await answer.json()) as { url: string }).url;
  }

  /** XMLHttpRequest, because fetch cannot tell how much of an upload has left. */
  async upload(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<UploadResult> {
    // The page has not allowed it yet.
    if (this.shell.isHeld) return { refused: { detail: null } };
    await this.ensureToken();
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const form = new FormData();
      form.append('file', file, file.name || 'image.png');
      request.open('POST', this.shell.origin + '/w/v1/files');
      for (const [name, value] of Object.entries(this.#headers)) request.setRequestHeader(name, value);
      request.responseType = 'json';
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.onload = () => {
        if (request.status < 300) resolve({ attachment: request.response as Attachment });
        else resolve({ refused: { detail: (request.response as { detail?: string } | null)?.detail ?? '' } });
      };
      request.onerror = request.onabort = () => resolve({ refused: { detail: null } });
      signal.onabort = () => request.abort();
      request.send(form);
    });
  }

  #post(path: string, body: unknown): Promise<Response> {
    const headers = { ...this.#headers, 'Content-Type': 'application/json' };
    return this.#ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  #ask(path: string, init: RequestInit): Promise<Response> {
    return fetch(this.shell.origin + path, {
      ...init,
      credentials: 'omit',
      signal: AbortSignal.timeout(15_000),
    });
  }
}

async function problemOf(answer: Response): Promise<{ code?: string; detail?: string }> {
  return (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
}
