import { newId } from '../core/outbox';
import { makeToken, tokenOf } from '../core/token';
import type { Shell } from '../shell';
import type { Acted, Acting, SiteRules } from './contract';

const AGAIN_MS = 20_000;
const TIMEOUT_MS = 15_000;

type Where = Pick<Shell, 'origin' | 'key' | 'store' | 'prefix'>;

/** What auto-actions ask of the server. Whatever fails for a while is tried once more, and never told to the visitor. */
export class Server {
  constructor(private readonly shell: Where) {}

  get token(): string | undefined {
    return tokenOf(this.shell);
  }

  makeToken(): string {
    return makeToken(this.shell);
  }

  /** The one who looked begins to speak, or is spoken to: it is the same visitor. */
  keepToken() {
    const { store, prefix } = this.shell;
    const guest = store[prefix + 'guest'];
    if (!guest) return;
    store[prefix + 'visitor'] ??= guest;
    this.forgetGuest();
  }

  forgetGuest() {
    delete this.shell.store[this.shell.prefix + 'guest'];
  }

  async rules(): Promise<SiteRules | null> {
    // The same address has another answer for everybody, which the browser may have kept.
    const cache = this.token ? 'no-store' : 'default';
    const path = `/w/v1/rules?p=${encodeURIComponent(this.shell.key)}`;
    const told = await this.#ask<SiteRules>(path, { cache });
    return told?.rules ? told : null;
  }

  /** What was done about it; nothing when the server could not be asked. */
  tell(acting: Acting): Promise<Acted | null> {
    this.makeToken();
    const body = JSON.stringify({ client_id: newId(), ...acting });
    // A link may lead away from the page at the same moment.
    return this.#ask<Acted>('/w/v1/actions', { method: 'POST', body, keepalive: true });
  }

  async #ask<T extends object>(path: string, init: RequestInit, isAgain = false): Promise<T | null> {
    const headers: Record<string, string> = {};
    if (this.token) headers['X-Otklik-Visitor'] = this.token;
    if (init.body)
      Object.assign(headers, { 'X-Otklik-Site': this.shell.key, 'Content-Type': 'application/json' });
    else if (this.token) headers['X-Otklik-Site'] = this.shell.key;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(this.shell.origin + path, {
      ...init,
      headers,
      credentials: 'omit',
      signal,
    }).catch(() => null);
    if (answer?.ok) return (await answer.json().catch(() => null)) as T | null;
    // What the server refuses outright it has not done: an auto-action that is gone, or a visitor who may do nothing.
    const mayPass = !answer || answer.status >= 500 || answer.status === 429;
    if (!mayPass) return { done: false, contact_id: null } as object as T;
    if (isAgain) return null;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    return this.#ask<T>(path, init, true);
  }
}

/** What the server knows a visitor by: shares hang on it. Pages without TLS cannot count it, and have no share. */
export async function visitorOf(token: string): Promise<string | undefined> {
  if (!crypto.subtle) return;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.slice(0, 32);
}
