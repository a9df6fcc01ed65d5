import { ApiError, type SavedDraft } from '@otklik/api';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** What the browser gives; its own keys are the texts. */
const storage = Object.create({
  setItem(this: Record<string, string>, key: string, text: string) {
    this[key] = text;
  },
  getItem(this: Record<string, string>, key: string) {
    return this[key] ?? null;
  },
  removeItem(this: Record<string, string>, key: string) {
    delete this[key];
  },
}) as Record<string, string>;
vi.stubGlobal('localStorage', storage);
vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }));

const heard = vi.hoisted(() => ({
  draft: (_id: string, _at: string) => {},
  online: () => {},
}));
const server = vi.hoisted(() => ({ drafts: [] as SavedDraft[], put: vi.fn(), all: vi.fn() }));
const who = vi.hoisted(() => ({ user: { id: 'usr_me' } }));

vi.mock('$lib/live/live.svelte', () => ({
  live: {
    onDraft: (listener: typeof heard.draft) => ((heard.draft = listener), () => {}),
    onOnline: (listener: typeof heard.online) => ((heard.online = listener), () => {}),
  },
}));
vi.mock('$lib/session/session.svelte', () => ({ session: who }));
vi.mock('$lib/shared/api', () => ({ api: server }));

const { drafts } = await import('./drafts.svelte');

const saved = (id: string, text: string, changed_at = '2026-11-28T09:00:00Z'): SavedDraft => ({
  project_id: 'prj',
  conversation_id: id,
  text,
  changed_at,
});

let end = () => {};
beforeEach(() => {
  vi.useFakeTimers();
  for (const key of Object.keys(storage)) delete storage[key];
  server.drafts = [];
  server.all.mockReset().mockImplementation(async () => server.drafts);
  server.put.mockReset().mockImplementation(async (path: string, { text }: { text: string }) => {
    return saved(path.split('/')[4] ?? '', text, '2026-11-28T09:10:00Z');
  });
  who.user = { id: 'usr_me' };
});
afterEach(() => {
  end();
  vi.useRealTimers();
});

async function begin() {
  end = drafts.start();
  // The live connection comes.
  heard.online();
  await vi.advanceTimersByTimeAsync(0);
}

it('shows what another device has written, at once and after a break of the link', async () => {
  server.drafts = [saved('a', 'начато на телефоне')];
  await begin();
  expect(drafts.get('a')).toBe('начато на телефоне');
  server.drafts = [saved('a', 'дописано')];
  heard.draft('a', '2026-11-28T09:01:00Z');
  await vi.advanceTimersByTimeAsync(400);
  expect(drafts.get('a')).toBe('дописано');
  server.drafts = [];
  heard.online();
  await vi.advanceTimersByTimeAsync(0);
  expect(drafts.get('a')).toBe('');
});

it('sends what was written after a pause, the last word of it, one request at a time', async () => {
  await begin();
  drafts.set('prj', 'a', 'Е');
  drafts.set('prj', 'a', 'Едет');
  let answer: (draft: SavedDraft) => void = () => {};
  server.put.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  await vi.advanceTimersByTimeAsync(700);
  drafts.set('prj', 'a', '');
  await vi.advanceTimersByTimeAsync(700);
  expect(server.put.mock.calls.map(([, body]) => body.text)).toEqual(['Едет']);
  answer(saved('a', 'Едет'));
  await vi.advanceTimersByTimeAsync(0);
  expect(server.put.mock.calls.map(([, body]) => body.text)).toEqual(['Едет', '']);
});

it('keeps what it could not send through a reload, and sends it with the next connection', async () => {
  await begin();
  server.put.mockRejectedValueOnce(new ApiError(0, {}));
  drafts.set('prj', 'a', 'без связи');
  await vi.advanceTimersByTimeAsync(700);
  end();
  await begin();
  expect(drafts.get('a')).toBe('без связи');
  expect(server.put.mock.lastCall).toEqual(['/projects/prj/conversations/a/draft', { text: 'без связи' }]);
});

it('asks nothing when it hears of its own word', async () => {
  await begin();
  drafts.set('prj', 'a', 'Едет');
  await vi.advanceTimersByTimeAsync(700);
  server.all.mockClear();
  heard.draft('a', '2026-11-28T09:10:00Z');
  await vi.advanceTimersByTimeAsync(400);
  expect(server.all).not.toHaveBeenCalled();
});

it('shows nothing of another operator who used this browser, and leaves nothing behind', async () => {
  await begin();
  drafts.set('prj', 'a', 'для своих');
  await drafts.settle();
  end();
  expect(Object.keys(storage)).toEqual([]);
  who.user = { id: 'usr_other' };
  await begin();
  expect(drafts.get('a')).toBe('');
});
