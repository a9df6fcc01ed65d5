import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SiteVisitor } from '@otklik/api';

const told = vi.hoisted(() => new Set<(projectId: string) => void>());
const api = vi.hoisted(() => ({ get: vi.fn(), post: vi.fn() }));
vi.mock('$lib/shared/api', () => ({ api }));
vi.mock('$lib/live/live.svelte', () => ({
  live: {
    onVisitors: (listener: (projectId: string) => void) => (told.add(listener), () => told.delete(listener)),
    follow: () => () => {},
    onSnapshot: () => () => {},
  },
}));

const { OneVisitor, readFilter, VisitorsState, writeFilter } = await import('./visitors.svelte');

const visitor = (id: string, since = id) => ({ id, since, is_here: true }) as SiteVisitor;
let site: SiteVisitor[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  api.get.mockReset().mockImplementation((_, { cursor, limit }: { cursor: string | null; limit: number }) => {
    const from = Number(cursor ?? 0);
    const end = from + limit;
    const next_cursor = end < site.length ? String(end) : null;
    return Promise.resolve({ items: site.slice(from, end), next_cursor, total: site.length });
  });
});
afterEach(() => {
  vi.useRealTimers();
  told.clear();
});

const number = (n: number) => String(n).padStart(3, '0');
const many = (count: number) => Array.from({ length: count }, (_, n) => visitor(number(count - n)));
const ids = (list: { items: readonly SiteVisitor[] | null }) => list.items?.map(({ id }) => id);

async function opened() {
  const list = new VisitorsState('prj_1');
  await list.show({ q: '', status: '' });
  return list;
}

async function tell(project = 'prj_1') {
  told.forEach((listener) => listener(project));
  await vi.advanceTimersByTimeAsync(1_000);
}

describe('the list', () => {
  it('is read again once for a second of changes, and only for its own project', async () => {
    site = many(2);
    const list = await opened();
    await tell('prj_2');
    expect(api.get).toHaveBeenCalledTimes(1);
    site = many(3);
    for (let turn = 0; turn < 5; turn++) told.forEach((listener) => listener('prj_1'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(api.get).toHaveBeenCalledTimes(2);
    expect(ids(list)).toEqual(['003', '002', '001']);
  });

  it('stands still while it is pointed at, and catches up afterwards', async () => {
    site = many(2);
    const list = await opened();
    list.hold(true);
    site = [...many(4).slice(0, 3)];
    await tell();
    expect(ids(list)).toEqual(['002', '001']);
    expect(list.items?.map(({ is_here }) => is_here)).toEqual([true, false]);
    expect(list.waiting).toBe(2);
    list.release();
    expect(ids(list)).toEqual(['004', '003', '002']);
    list.hold(false);
    expect(list.waiting).toBe(0);
  });

  it('keeps the pages that were loaded', async () => {
    site = many(70);
    const list = await opened();
    expect([list.items?.length, list.total, list.hasMore]).toEqual([50, 70, true]);
    await list.more();
    expect([list.items?.length, list.hasMore]).toEqual([70, false]);
    site = many(71);
    await tell();
    expect([list.items?.length, ids(list)?.[0]]).toEqual([71, '071']);
  });

  it('stays on the screen when it cannot be read again, and says so at first', async () => {
    site = many(1);
    const list = await opened();
    api.get.mockRejectedValue(new Error('down'));
    await tell();
    expect([ids(list), list.error]).toEqual([['001'], null]);
    const other = await opened();
    expect(other.error).toEqual(new Error('down'));
  });

  it('asks no more when it is closed', async () => {
    const list = await opened();
    list.dispose();
    await tell();
    expect(api.get).toHaveBeenCalledTimes(1);
  });
});

it('keeps its filter in the address, and takes no status that there is not', () => {
  expect(writeFilter({ q: 'лампы', status: 'typing' })).toBe(
    '?q=%D0%BB%D0%B0%D0%BC%D0%BF%D1%8B&status=typing',
  );
  expect(readFilter(new URLSearchParams('q=a&status=typing'))).toEqual({ q: 'a', status: 'typing' });
  expect(readFilter(new URLSearchParams('status=sleeping'))).toEqual({ q: '', status: '' });
});

it('sends the same first word with the same number, and another with another', async () => {
  api.post
    .mockReset()
    .mockRejectedValueOnce(new Error('lost'))
    .mockResolvedValue({ conversation_id: 'cnv_1' });
  const one = new OneVisitor('prj_1', 'vis_1');
  await one.write('Помочь?', false).catch(() => {});
  await one.write('Помочь?', false);
  await one.write('Помочь?', true);
  const sent = api.post.mock.calls.map(([path, body]) => [path, (body as { client_id: string }).client_id]);
  expect(sent[0]?.[0]).toBe('/projects/prj_1/visitors/vis_1/conversation');
  expect(sent[0]?.[1]).toBe(sent[1]?.[1]);
  expect(sent[2]?.[1]).not.toBe(sent[1]?.[1]);
});
