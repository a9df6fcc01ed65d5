import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Server, visitorOf } from '../src/rules/server';
import { fakeShell, PREFIX } from './fakes';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const answer = (status: number, body: unknown = {}) =>
  ({ ok: status < 300, status, json: async () => body }) as unknown as Response;

function server(...answers: (Response | Error)[]) {
  const calls: { url: string; headers: Record<string, string>; body?: { client_id: string } }[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const headers = init.headers as Record<string, string>;
    calls.push({ url, headers, body: init.body ? JSON.parse(String(init.body)) : undefined });
    const next = answers.shift() ?? answer(200, { done: true });
    if (next instanceof Error) throw next;
    return next;
  });
  const { shell } = fakeShell();
  return { calls, shell, server: new Server(shell) };
}

const shown = { auto_action_id: 'aut_1', kind: 'shown' } as const;

it('tells as a visitor who has only looked, with a token of his own that opens no line', async () => {
  const { calls, shell, server: one } = server();
  await one.tell(shown);
  const token = calls[0]!.headers['X-Otklik-Visitor']!;
  expect(token).toMatch(/^[\da-f]{32}$/);
  expect(shell.store).toEqual({ [`${PREFIX}guest`]: token });
  await one.tell(shown);
  expect(calls[1]!.headers['X-Otklik-Visitor']).toBe(token);
  one.keepToken();
  expect(shell.store).toEqual({ [`${PREFIX}visitor`]: token });
});

it('is the visitor who has written before, and does not become another one', async () => {
  const { calls, shell, server: one } = server();
  shell.store[`${PREFIX}visitor`] = 'known';
  shell.store[`${PREFIX}guest`] = 'guest';
  one.keepToken();
  await one.tell(shown);
  expect(calls[0]!.headers['X-Otklik-Visitor']).toBe('known');
  expect(shell.store[`${PREFIX}visitor`]).toBe('known');
});

it('tries once more what did not get through, under the same id, and then lets it be', async () => {
  const { calls, server: one } = server(new Error('no network'), answer(503));
  const told = one.tell(shown);
  await vi.advanceTimersByTimeAsync(19_000);
  expect(calls).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await told).toBeNull();
  expect(calls).toHaveLength(2);
  expect(calls[0]!.body!.client_id).toBe(calls[1]!.body!.client_id);
});

it('takes a refusal for one', async () => {
  const { calls, server: one } = server(answer(404), answer(404));
  expect(await one.tell(shown)).toMatchObject({ done: false });
  expect(await one.rules()).toBeNull();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(calls).toHaveLength(2);
});

it('asks for rules without a name while there is none', async () => {
  const { calls, shell, server: one } = server(answer(200, { rules: [] }), answer(200, { rules: [] }));
  await one.rules();
  expect(calls[0]!.headers).toEqual({});
  shell.store[`${PREFIX}visitor`] = 'known';
  await one.rules();
  expect(calls[1]!.headers).toEqual({ 'X-Otklik-Visitor': 'known', 'X-Otklik-Site': 'key' });
});

it('knows what the server knows a visitor by', async () => {
  vi.useRealTimers();
  expect(await visitorOf('a')).toBe('ca978112ca1bbdcafac231b39a23dc4d');
});
