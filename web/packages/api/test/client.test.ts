import { describe, expect, it, vi } from 'vitest';
import { ApiClient, ApiError } from '../src';

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  return vi.fn<typeof fetch>(async () => new Response(JSON.stringify(body), { status, headers }));
}

describe('ApiClient', () => {
  it('sends the CSRF header on mutations only', async () => {
    const fetcher = answering(200, {});
    const client = new ApiClient('/api/v1', fetcher);
    client.csrf = 'token';
    await client.get('/me');
    await client.post('/projects', { name: 'x' });
    const headersOf = (call: number) => fetcher.mock.calls[call]?.[1]?.headers as Record<string, string>;
    expect(headersOf(0)['X-Otklik-CSRF']).toBeUndefined();
    expect(headersOf(1)['X-Otklik-CSRF']).toBe('token');
  });

  it('turns a problem into an ApiError with code and request id', async () => {
    const client = new ApiClient('', answering(409, { code: 'stale', detail: 'text', request_id: 'req_1' }));
    const error = await client.post('/x').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, code: 'stale', detail: 'text', requestId: 'req_1' });
  });

  it('reads a whole list page by page', async () => {
    const pages = [
      { items: [1, 2], next_cursor: 'c' },
      { items: [3], next_cursor: null },
    ];
    const fetcher = vi.fn<typeof fetch>(async () => new Response(JSON.stringify(pages.shift())));
    expect(await new ApiClient('', fetcher).all('/x', { state: 'open' })).toEqual([1, 2, 3]);
    expect(fetcher.mock.calls.map(([path]) => path)).toEqual([
      '/x?state=open&limit=200',
      '/x?state=open&limit=200&cursor=c',
    ]);
  });

  it('names a missing answer "network"', async () => {
    const client = new ApiClient('', async () => {
      throw new TypeError('failed');
    });
    await expect(client.get('/x')).rejects.toMatchObject({ status: 0, code: 'network' });
  });
});
