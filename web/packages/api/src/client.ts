import type { Page, Problem } from './types';

/** An answer of kind `application/problem+json`, or the lack of any answer (`network`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string | null;
  readonly errors: Problem['errors'];
  readonly retryAfter: number | null;

  constructor(status: number, body: Partial<Problem>, retryAfter: number | null = null) {
    super(body.detail ?? body.title ?? body.code ?? `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code ?? (status === 0 ? 'network' : `http_${status}`);
    this.detail = body.detail ?? body.title ?? '';
    this.requestId = body.request_id ?? null;
    this.errors = body.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

type Query = Record<string, string | number | null | undefined>;

/** Thin typed fetch: adds the CSRF header, parses problems, reports a lost session once per answer. */
export class ApiClient {
  csrf: string | null = null;
  onSignedOut: (() => void) | null = null;
  /** Asks for the password where the server wants it anew; true when it was given. What was refused is then asked again. */
  onProofNeeded: (() => Promise<boolean>) | null = null;

  constructor(
    private readonly base = '/api/v1',
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return this.send<T>('GET', path + encodeQuery(query), undefined, signal);
  }
  /** A whole list, however many pages it has. */
  async all<T>(path: string, query?: Query): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<T> = await this.get<Page<T>>(path, { ...query, limit: 200, cursor });
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return items;
  }
  post<T>(path: string, body?: unknown): Promise<T> {
    return this.send<T>('POST', path, body ?? {});
  }
  /** A body that is not JSON, such as a table; the browser streams it from the disk. */
  postFile<T>(path: string, file: Blob, type: string, query?: Query): Promise<T> {
    return this.send<T>('POST', path + encodeQuery(query), file, undefined, type);
  }
  put<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PUT', path, body);
  }
  patch<T>(path: string, body: unknown): Promise<T> {
    return this.send<T>('PATCH', path, body);
  }
  delete<T = void>(path: string, body?: unknown): Promise<T> {
    return this.send<T>('DELETE', path, body);
  }

  /** A file that the server makes; its errors are told as those of any other call. */
  async download(path: string, query?: Query): Promise<Blob> {
    return (await this.ask('GET', path + encodeQuery(query))).blob();
  }

  /** What is said of an answer beside its body. */
  async headers(path: string, query?: Query): Promise<Headers> {
    return (await this.ask('GET', path + encodeQuery(query))).headers;
  }

  /** XMLHttpRequest, because fetch has no upload progress. */
  upload<T>(path: string, file: File, onProgress: (share: number) => void, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('POST', this.base + path);
      if (this.csrf) request.setRequestHeader('X-Otklik-CSRF', this.csrf);
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) onProgress(event.loaded / event.total);
      };
      request.onerror = () => reject(new ApiError(0, {}));
      request.onabort = () => reject(new DOMException('aborted', 'AbortError'));
      request.onload = () => {
        const body = parseJson(request.responseText);
        if (request.status >= 200 && request.status < 300) resolve(body as T);
        else reject(new ApiError(request.status, (body ?? {}) as Partial<Problem>));
      };
      signal?.addEventListener('abort', () => request.abort());
      const form = new FormData();
      form.append('file', file);
      request.send(form);
    });
  }

  private async send<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    type?: string,
  ): Promise<T> {
    return parseJson(await (await this.ask(method, path, body, signal, type)).text()) as T;
  }

  /** An answer that is none of an error. */
  private async ask(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    type = 'application/json',
  ): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = type;
    if (method !== 'GET' && this.csrf) headers['X-Otklik-CSRF'] = this.csrf;
    let response: Response;
    try {
      response = await this.fetcher(this.base + path, {
        method,
        headers,
        credentials: 'same-origin',
        body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
        signal,
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError(0, {});
    }
    if (response.ok) return response;
    const answer = parseJson(await response.text());
    const retryAfter = Number(response.headers.get('Retry-After')) || null;
    const problem = new ApiError(response.status, (answer ?? {}) as Partial<Problem>, retryAfter);
    const isUnproven = problem.code === 'prove_first' && this.onProofNeeded !== null;
    if (isUnproven && (await this.onProofNeeded?.())) return this.ask(method, path, body, signal, type);
    if (response.status === 401 && path !== '/session' && path !== '/me') this.onSignedOut?.();
    throw problem;
  }
}

function encodeQuery(query?: Query): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

function parseJson(text: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's HTML page is not an answer of ours; the status still tells what happened.
    return undefined;
  }
}
