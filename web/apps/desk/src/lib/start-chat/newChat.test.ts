import { ApiError } from '@otklik/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const api = vi.hoisted(() => ({ get: vi.fn(), post: vi.fn(), all: vi.fn() }));
vi.mock('$lib/shared/api', () => ({ api }));

const { NewChat } = await import('./newChat.svelte');

const way = (id: string, can_start: boolean) => ({
  connection_id: id,
  channel: 'email',
  can_start,
  contact_id: null,
});
let channels = [way('mail', true), way('bot', false)];
let refusal: ApiError | null = null;
const sent = () =>
  api.post.mock.calls.filter(([path]) => String(path).endsWith('/chats')).map(([, body]) => body);
const asked = () =>
  api.post.mock.calls.filter(([path]) => String(path).endsWith('/preview')).map(([, body]) => body);

beforeEach(() => {
  vi.useFakeTimers();
  channels = [way('mail', true), way('bot', false)];
  refusal = null;
  api.get.mockReset().mockResolvedValue({ items: [] });
  api.post.mockReset().mockImplementation((path: string) => {
    if (path.endsWith('/preview')) return Promise.resolve({ clients: [], channels });
    return refusal ? Promise.reject(refusal) : Promise.resolve({ conversation_id: 'cnv_1' });
  });
});
afterEach(() => vi.useRealTimers());

async function written(to: string, text = '') {
  const chat = new NewChat('prj_1');
  [chat.to, chat.text] = [to, text];
  chat.typed();
  await vi.advanceTimersByTimeAsync(300);
  return chat;
}

describe('the addressee', () => {
  it('is asked for once somebody has stopped typing', async () => {
    const chat = new NewChat('prj_1');
    for (const to of ['anna@c', 'anna@cl', 'anna@client.example']) {
      chat.to = to;
      chat.typed();
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(300);
    expect(asked()).toEqual([{ to: 'anna@client.example' }]);
  });

  it('is looked for among clients where it is a name, and no channel is asked for', async () => {
    const chat = await written('Анна');
    expect(api.get).toHaveBeenCalledWith('/projects/prj_1/contacts', { q: 'Анна', limit: 6 });
    expect(asked()).toEqual([]);
    expect(chat.known).toEqual([]);
    expect(chat.way).toBeNull();
  });

  it('may not be several', async () => {
    const chat = await written('a@b.ru, c@d.ru');
    expect(chat.many).toBe(2);
    expect(chat.isAddressed).toBe(false);
    expect(asked()).toEqual([]);
  });

  it('forgets the channels of the one before', async () => {
    const chat = await written('anna@client.example');
    expect(chat.way?.connection_id).toBe('mail');
    chat.to = 'boris@client.example';
    chat.typed();
    expect(chat.way).toBeNull();
  });
});

describe('the channel', () => {
  it('is the first that is open, or the chosen one as long as it is', async () => {
    channels = [way('mail', true), way('second', true), way('bot', false)];
    const chat = await written('anna@client.example');
    expect(chat.way?.connection_id).toBe('mail');
    chat.picked = 'second';
    expect(chat.way?.connection_id).toBe('second');
    chat.picked = 'bot';
    expect(chat.way?.connection_id).toBe('mail');
  });
});

describe('sending', () => {
  it('keeps its id for the same words, and has another for others', async () => {
    const chat = await written('anna@client.example', 'Добрый день');
    refusal = new ApiError(0, {});
    await expect(chat.send()).rejects.toBe(refusal);
    await expect(chat.send()).rejects.toBe(refusal);
    chat.text = 'Добрый вечер';
    refusal = null;
    await chat.send();
    const [first, again, other] = sent().map(({ client_id }) => client_id as string);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(sent().at(-1)).toMatchObject({
      connection_id: 'mail',
      to: 'anna@client.example',
      content: { text: 'Добрый вечер', attachments: [] },
    });
  });

  it('looks again at the channels when one has closed, and keeps the words', async () => {
    const chat = await written('anna@client.example', 'Добрый день');
    refusal = new ApiError(409, { code: 'connection_off' });
    channels = [way('mail', false)];
    await expect(chat.send()).rejects.toBe(refusal);
    await vi.advanceTimersByTimeAsync(0);
    expect(chat.way).toBeNull();
    expect(chat.text).toBe('Добрый день');
  });

  it('goes to the chosen client rather than to what was typed', async () => {
    const chat = await written('анна', 'Добрый день');
    chat.choose({ id: 'con_1' } as never);
    await vi.advanceTimersByTimeAsync(0);
    await chat.send();
    expect(sent()).toMatchObject([{ contact_id: 'con_1' }]);
    expect(sent()[0]).not.toHaveProperty('to');
  });
});
