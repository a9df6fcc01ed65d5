import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Message } from '../src/contract';
import { created, message, PREFIX, talk } from './fakes';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', vi.fn().mockRejectedValue(new Error('no network')));
});
afterEach(() => vi.useRealTimers());

function history(...items: Message[]) {
  const answer = { ok: true, status: 200, json: async () => ({ items, next_cursor: null }) };
  vi.mocked(fetch).mockResolvedValue(answer as unknown as Response);
}

const of = (conversation_id: string, seq: number, rest: Partial<Message> = {}) =>
  message(seq, { id: `${conversation_id}_${seq}`, conversation_id, ...rest });

function ready() {
  const all = talk();
  all.session.connect();
  all.socket().hello({ conversation: { id: 'cnv_1', seq: 0 } });
  all.socket().hear(created(of('cnv_1', 1)));
  return all;
}

const texts = ({ session }: ReturnType<typeof talk>) =>
  session.view.messages.map(({ content }) => content.text);

it('says that another conversation begins with the first message, and where the next ones belong', () => {
  const all = ready();
  const { session, socket } = all;
  session.turn('');
  expect(texts(all)).toEqual([]);
  session.send('Есть ли чашки?');
  session.send('Синие');
  const [first] = socket().of('message');
  expect(first).toMatchObject({ new_conversation: true, content: { text: 'Есть ли чашки?' } });
  const ack = { client_id: first!.client_id, id: 'm', conversation_id: 'cnv_2', seq: 1, created_at: 'now' };
  socket().hear({ type: 'ack', ...ack });
  expect(session.view.talk).toBe('cnv_2');
  expect(socket().of('message')[1]).toMatchObject({ conversation_id: 'cnv_2', content: { text: 'Синие' } });
  expect(socket().of('message')[1]).not.toHaveProperty('new_conversation');
  socket().hear(created(of('cnv_2', 1, { client_id: first!.client_id, author: { kind: 'client' } })));
  // From here on it is the one that goes on, and nothing needs saying.
  session.send('И блюдца');
  socket().hear({ type: 'ack', ...ack, client_id: socket().of('message')[1]!.client_id, seq: 2 });
  expect(socket().of('message')[2]).not.toHaveProperty('conversation_id');
});

it('keeps where a message belongs over a reload', () => {
  const { session, shell } = ready();
  session.turn('cnv_0');
  session.send('Нашёлся!');
  const kept = Object.keys(shell.store).find((name) => name.startsWith(PREFIX + 'out:'))!;
  expect(JSON.parse(shell.store[kept]!)).toMatchObject({ talk: 'cnv_0' });
});

it('shows the messages of one conversation only, and counts what comes in another as unread', async () => {
  const all = ready();
  const { session, socket, shell } = all;
  session.panelShown(true);
  shell.store[PREFIX + 'visitor'] = 'token';
  history(of('cnv_0', 2, { content: { text: 'было' } }));
  session.turn('cnv_0');
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.mocked(fetch).mock.calls.at(-1)![0]).toContain('conversation_id=cnv_0');
  expect(texts(all)).toEqual(['было']);
  expect(socket().of('read').at(-1)).toMatchObject({ seq: 2, conversation_id: 'cnv_0' });

  socket().hear(created(of('cnv_1', 2, { content: { text: 'ответ' } })));
  expect(texts(all)).toEqual(['было']);
  expect(shell.setUnread).toHaveBeenLastCalledWith(1);
  socket().hear({ type: 'closed', conversation_id: 'cnv_1' });
  expect(session.view.closedId).toBeNull();

  history(of('cnv_1', 2, { content: { text: 'ответ' } }), of('cnv_1', 1, { content: { text: 'вопрос' } }));
  session.turn(null);
  await vi.advanceTimersByTimeAsync(0);
  expect(texts(all)).toEqual(['вопрос', 'ответ']);
  expect(shell.setUnread).toHaveBeenLastCalledWith(0);
});

it('does not show a history that comes after another conversation was chosen', async () => {
  const all = ready();
  const { session, shell } = all;
  shell.store[PREFIX + 'visitor'] = 'token';
  let answer: (response: unknown) => void = () => {};
  vi.mocked(fetch).mockReturnValueOnce(new Promise((resolve) => (answer = resolve as never)));
  session.turn('cnv_0');
  history(of('cnv_9', 1, { content: { text: 'другое' } }));
  session.turn('cnv_9');
  answer({ ok: true, status: 200, json: async () => ({ items: [of('cnv_0', 1)], next_cursor: 'more' }) });
  await vi.advanceTimersByTimeAsync(0);
  expect(texts(all)).toEqual(['другое']);
  expect([session.view.hasOlder, session.view.history]).toEqual([false, 'ready']);
});

it('goes back to the conversation that goes on when a menu button starts something', () => {
  const { session } = ready();
  session.turn('');
  session.launch({ id: 'btn_1', label: { ru: 'Доставка', en: '' } });
  expect(session.view.talk).toBeNull();
});
