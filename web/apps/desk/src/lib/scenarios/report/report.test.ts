import { beforeEach, describe, expect, it, vi } from 'vitest';

const get = vi.hoisted(() => vi.fn());
const all = vi.hoisted(() => vi.fn());
vi.mock('$lib/shared/api', () => ({ api: { get, all } }));
vi.mock('$lib/projects/directory.svelte', () => ({ directory: { open: () => Promise.resolve() } }));

const { ALL, ReportState, WRONG } = await import('./report.svelte');
const { readFilter, writeFilter } = await import('./address');

const document = { schema: 1, launch: [], edges: [], blocks: [] };
const report = { launches: 1, document, version: 3, versions: [3, 2, 1], older_blocks: ['b9'], blocks: {} };

beforeEach(() => {
  get.mockReset();
  all.mockResolvedValue([]);
});

describe('the people behind a number', () => {
  const visit = (id: string, exit: string) => ({ run_id: id, visit: 1, exit });
  const pages = [
    { items: [visit('a', 'correct')], next_cursor: 'c1' },
    { items: [visit('b', 'incorrect'), visit('c', 'correct')], next_cursor: null },
  ];
  beforeEach(() => {
    get.mockImplementation((_, { cursor }) => Promise.resolve(pages[cursor ? 1 : 0]));
  });

  it('of the exit for wrong answers are those who left by it, on whatever page', async () => {
    const list = new ReportState('prj', 'scn').recipients('b1', 'incorrect');
    await list.load();
    expect(list.items?.map(({ run_id }) => run_id)).toEqual(['b']);
    expect(list.hasMore).toBe(false);
  });

  it('of wrong answers are all who gave one', async () => {
    const list = new ReportState('prj', 'scn').recipients('b1', WRONG);
    await list.load();
    await list.more();
    expect(get.mock.calls.map(([, query]) => query.exit)).toEqual(['incorrect', 'incorrect']);
    expect(list.items).toHaveLength(3);
  });
});

describe('a report', () => {
  it('learns what a block was from the newest version that had it', async () => {
    const block = (title: string) => ({ id: 'b9', type: 'message', title, pos: [0, 0], settings: {} });
    get.mockImplementation((path: string) => {
      if (path.endsWith('/report')) return Promise.resolve(report);
      const title = path.endsWith('/2') ? 'Было' : 'Давно';
      return Promise.resolve({ document: { ...document, blocks: [block(title)] } });
    });
    const held = new ReportState('prj', 'scn');
    await held.ask({});
    expect(held.older.get('b9')?.title).toBe('Было');
    expect(get.mock.calls.map(([path]) => path)).not.toContain('/projects/prj/scenarios/scn/versions/1');
  });

  it('asks nothing while the first day is after the last', async () => {
    get.mockResolvedValue(report);
    const held = new ReportState('prj', 'scn');
    await held.ask({ from: '2026-11-02', to: '2026-11-01' });
    expect(held.isBackwards).toBe(true);
    expect(get).not.toHaveBeenCalled();
  });

  it('is not on its way for ever when the days are put in the wrong order meanwhile', async () => {
    get.mockResolvedValue(report);
    const held = new ReportState('prj', 'scn');
    const first = held.ask({ from: '2026-11-02' });
    await held.ask({ to: '2026-11-01' });
    await first;
    expect(held.isAsking).toBe(false);
  });

  it('shows the people behind its numbers, not behind those that could not be fetched', async () => {
    const held = new ReportState('prj', 'scn');
    get.mockResolvedValueOnce({ ...report, older_blocks: [] });
    await held.ask({ version: '2' });
    get.mockRejectedValueOnce(new Error('away'));
    await held.ask({ version: '3' });
    get.mockResolvedValueOnce({ items: [], next_cursor: null });
    await held.recipients('b1', '').load();
    expect(get.mock.lastCall?.[1]).toMatchObject({ version: '2' });
  });

  it('keeps its filter in the address', () => {
    const filter = { ...ALL, version: '2', from: '2026-11-01' };
    expect(writeFilter(filter)).toBe('?from=2026-11-01&version=2');
    expect(readFilter(new URLSearchParams(writeFilter(filter)))).toEqual(filter);
    expect(writeFilter(ALL)).toBe('');
  });
});
